import { afterAll, beforeAll, expect, test } from "vitest";
import { query } from "../lib/restate/admin.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { type CrashProxy, startCrashProxy } from "./support/crash-proxy.ts";
import agent from "./support/functions/agent/agent.ts";
import { answer, calls, repliesToEach, resultsIn } from "./support/script.ts";

const RUNS = 50;
const LATER_RUNS = 5;
const SECOND_EDITION = { agent: "second-edition/agent", gate: "second-edition/gate" };
const INSTRUCTIONS = { first: agent.instructions, second: `${agent.instructions} (Second edition.)` };
const TOLD = { first: undefined, second: "by the second edition" };
/** 100 functions start on a machine of two cores. */
const soon = { timeout: 90_000 };
const roomy = { timeout: 180_000 };

let cluster: Cluster;
let proxy: CrashProxy;
beforeAll(async () => {
  cluster = await startCluster("v7", {
    between: async (lambdaUrl) => {
      proxy = await startCrashProxy(lambdaUrl);
      return proxy.url;
    },
  });
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

/** Two turns with a call each, then an answer. */
const script = repliesToEach((run) => [
  calls({ id: "early", name: "gate", input: { id: `early-${run}` } }),
  calls({ id: "late", name: "gate", input: { id: `late-${run}` } }),
  answer("Done."),
]);

/** Holds every run's first call. @returns what lets them go on. */
function holdEarlyCalls(): () => void {
  const open = Promise.withResolvers<void>();
  cluster.gate.use((id) => (id.startsWith("early") ? open.promise : undefined));
  return open.resolve;
}

/** Waits for these runs: every one has answered, every call went well at its first try, no function failed. */
async function allWell(runs: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(runs.map(cluster.outcome));
  expect(
    outcomes.map(({ answer, toolCalls }) => [
      answer,
      ...toolCalls.map(({ status, attempts }) => `${status} ${attempts}`),
    ]),
  ).toEqual(Array(runs.length).fill(["Done.", "ok 1", "ok 1"]));
  const functions = Object.entries(cluster.lambda.stats().functions);
  expect(functions.filter(([, { errors, throttles }]) => errors + throttles > 0)).toEqual([]);
}

/** What each run's three requests to the model showed: the agent's instructions, and who answered the calls. */
function editions() {
  const told = cluster.modelRequests
    .map((request) => resultsIn(request) as Record<"early" | "late", { told?: string }>)
    .filter(({ late }) => late !== undefined);
  return {
    instructions: cluster.modelRequests.map(
      ({ messages }) => messages.find(({ role }) => role === "system")?.content,
    ),
    early: told.map(({ early }) => early.told),
    late: told.map(({ late }) => late.told),
  };
}

/** `FUNCTION:VERSION COUNT`: the versions on which Restate runs what is not completed. */
async function versionsInUse(): Promise<string[]> {
  const rows = await query<{ endpoint: string; count: number }>(
    { url: cluster.restate.adminUrl },
    // An invocation is pinned when its function has answered for the first time.
    `SELECT endpoint, count(*) AS count FROM sys_invocation i
     JOIN sys_deployment d ON d.id = coalesce(i.pinned_deployment_id, i.last_attempt_deployment_id)
     WHERE i.status <> 'completed' GROUP BY endpoint ORDER BY endpoint`,
  );
  return rows.map(({ endpoint, count }) => `${endpoint.replace(/.*:function:/, "")} ${count}`);
}

test("a deployment that changes nothing makes no new version", async () => {
  expect(await cluster.deploy()).toEqual([]);
});

test(
  `deployed under ${RUNS} runs: each run ends on the agent's version it began on, a tool's call too, their later calls go to the tool's newest version, and nothing fails`,
  roomy,
  async () => {
    const goOn = holdEarlyCalls();
    const runs = await cluster.beginMany(RUNS, script);
    await expect.poll(() => cluster.gate.history, soon).toHaveLength(RUNS);

    expect(await cluster.deploy(SECOND_EDITION)).toEqual([
      { name: "gate", version: "2" },
      { name: "agent", version: "2" },
    ]);
    expect(await versionsInUse()).toEqual([`agent:1 ${RUNS}`, `gate:1 ${RUNS}`]);
    goOn();
    await allWell(runs);
    expect(editions()).toEqual({
      instructions: Array(3 * RUNS).fill(INSTRUCTIONS.first),
      early: Array(RUNS).fill(TOLD.first),
      late: Array(RUNS).fill(TOLD.second),
    });

    await allWell(await cluster.beginMany(LATER_RUNS, script));
    expect(editions()).toEqual({
      instructions: Array(3 * LATER_RUNS).fill(INSTRUCTIONS.second),
      early: Array(LATER_RUNS).fill(TOLD.second),
      late: Array(LATER_RUNS).fill(TOLD.second),
    });
    const functions = Object.entries(cluster.lambda.stats().functions);
    expect(functions.filter(([, { errors, throttles }]) => errors + throttles > 0)).toEqual([]);
  },
);

test("a call whose function dies after a deployment is repeated by the newest version", async () => {
  await cluster.deploy(SECOND_EDITION);
  const goOn = holdEarlyCalls();
  proxy.arm({ invocation: 3, when: "after" }, () => {});
  const runs = await cluster.beginMany(1, script);
  await expect.poll(() => cluster.gate.history).toEqual(["arrived early-0"]);
  await cluster.deploy();
  goOn();
  await allWell(runs);
  expect(proxy.invoked.slice(0, 4)).toEqual(["agent", "agent", "gate", "gate"]);
  expect(editions()).toEqual({
    instructions: Array(3).fill(INSTRUCTIONS.second),
    early: [TOLD.first],
    late: [TOLD.first],
  });
});
