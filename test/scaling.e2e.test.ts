import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { query } from "../lib/restate/index.ts";
import type { Mode } from "../lib/testing/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { barrier, mostAtOnce } from "./support/gate.ts";
import { answer, calls, repliesToEach } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const RUNS = 40;
/** What `scarce` has; `ample` has 50. */
const SCARCE_SLOTS = 2;
/** 80 functions start on a machine of two cores. */
const soon = { timeout: 90_000 };
const roomy = { timeout: 300_000 };

const LAMBDA_ALONE = "Lambda's reserved concurrency alone";
describe.each<[string, Mode, { scopes?: boolean }]>([
  ["scopes, on v7", "v7", { scopes: true }],
  [`${LAMBDA_ALONE}, on v6`, "v6", {}],
])("each tool scales by itself: %s", (_, mode, options) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode, options);
  });
  afterAll(() => cluster?.stop());
  const events = (start: string) => cluster.gate.history.filter((event) => event.startsWith(start));
  const unfinished = (service: string) =>
    query(
      { url: cluster.restate.adminUrl },
      `SELECT id FROM sys_invocation WHERE target_service_name = '${service}' AND status <> 'completed'`,
    );

  test(
    `of ${RUNS} runs that call two tools, one tool's queue holds up no call of the other, and nothing fails`,
    roomy,
    async () => {
      const open = Promise.withResolvers<void>();
      // If any call of `ample` waited for one of `scarce`, none of them would go on.
      const allAmple = barrier(RUNS);
      cluster.gate.use((id) => (id.startsWith("ample") ? allAmple(id) : open.promise));
      const runs = await cluster.beginMany(
        RUNS,
        repliesToEach((run) => [
          calls(
            { id: "s", name: "scarce", input: { id: `scarce-${run}` } },
            { id: "a", name: "ample", input: { id: `ample-${run}` } },
          ),
          answer(`Done: ${run}.`),
        ]),
      );

      await expect.poll(() => events("left ample"), soon).toHaveLength(RUNS);
      await expect.poll(() => unfinished("ample"), soon).toEqual([]);
      await expect.poll(() => events("arrived scarce"), soon).toHaveLength(SCARCE_SLOTS);
      expect(events("left scarce")).toEqual([]);
      expect(await unfinished("scarce")).toHaveLength(RUNS);
      expect(await unfinished("TestAgent")).toHaveLength(RUNS);

      open.resolve();
      const outcomes = await Promise.all(runs.map(cluster.outcome));
      expect(outcomes.map(({ answer }) => answer)).toEqual(runs.map((_, run) => `Done: ${run}.`));
      expect(
        outcomes.flatMap(({ toolCalls }) => toolCalls).map(({ status, attempts }) => `${status} ${attempts}`),
      ).toEqual(Array(2 * RUNS).fill("ok 1"));
      const ofScarce = cluster.gate.history.filter((event) => event.includes(" scarce"));
      expect(mostAtOnce(ofScarce)).toBe(SCARCE_SLOTS);
      const { functions } = cluster.lambda.stats();
      expect(functions.ample).toMatchObject({ invocations: RUNS, errors: 0 });
      expect(functions.scarce).toMatchObject({ invocations: RUNS, errors: 0, maxConcurrent: SCARCE_SLOTS });
      const throttled = Object.keys(functions).filter((name) => functions[name]?.throttles);
      expect(throttled).toEqual(options.scopes ? [] : ["scarce"]);
    },
  );
});
