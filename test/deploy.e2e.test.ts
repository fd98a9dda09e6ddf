import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Candidate,
  findInstallation,
  type Installation,
  removeCandidate,
} from "../lib/operate/index.ts";
import { readFunctions } from "../lib/operate/lambda-functions.ts";
import { candidates } from "../lib/operate/prune.ts";
import { readSnapshot } from "../lib/operate/snapshot.ts";
import { query, readDeployments } from "../lib/restate/index.ts";
import type { OwnCluster } from "./support/cluster.ts";
import { type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import agent from "./support/functions/agent/agent.ts";
import { answer, calls, repliesToEach, resultsIn } from "./support/script.ts";

const RUNS = 50;
const LATER_RUNS = 5;
const SECOND_EDITION = { agent: "second-edition/agent", gate: "second-edition/gate" };
const INSTRUCTIONS = { first: agent.instructions, second: `${agent.instructions} (Second edition.)` };
const TOLD = { first: undefined, second: "by the second edition" };
/** 100 environments start on a machine of two cores. */
const soon = { timeout: 90_000 };
const roomy = { timeout: 300_000 };

let cluster: OwnCluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({ functions: ["agent", "gate", "record"] }));
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
    // The first line: what follows is the agent's note on text from outside.
    instructions: cluster.modelRequests.map(
      ({ messages }) => String(messages.find(({ role }) => role === "system")?.content).split("\n", 1)[0],
    ),
    early: told.map(({ early }) => early.told),
    late: told.map(({ late }) => late.told),
  };
}

function installation(): Installation {
  const { adminUrl, ingressUrl } = cluster.restate;
  return findInstallation({}, { adminUrl, ingressUrl, lambdaUrl: cluster.lambda.url });
}

/** What pruning makes of every version of the two functions that are deployed again. */
async function planPruning(): Promise<Candidate[]> {
  const snapshot = await readSnapshot(installation(), []);
  const functions = await readFunctions(installation().lambda, Object.keys(SECOND_EDITION));
  return [...functions.values()].flatMap((found) => candidates(found, snapshot, 0));
}
const inWords = ({ functionName, version, verdict, reason }: Candidate) =>
  `${verdict} ${functionName}:${version}: ${reason}`;

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
  `deployed under ${RUNS} runs: each run ends on the agent's version it began on, a tool's call too, their later calls go to the tool's newest version, nothing fails, and then pruning removes what is old`,
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
    expect((await planPruning()).map(inWords)).toEqual([
      `keep agent:1: ${RUNS} runs in flight`,
      "keep agent:2: new calls go there",
      `keep gate:1: ${RUNS} runs in flight`,
      "keep gate:2: new calls go there",
    ]);
    goOn();
    await allWell(runs);
    expect(editions()).toEqual({
      instructions: Array(3 * RUNS).fill(INSTRUCTIONS.first),
      early: Array(RUNS).fill(TOLD.first),
      late: Array(RUNS).fill(TOLD.second),
    });

    const plan = await planPruning();
    expect(plan.map(inWords)).toEqual([
      "remove agent:1: no run needs it",
      "keep agent:2: new calls go there",
      "remove gate:1: no run needs it",
      "keep gate:2: new calls go there",
    ]);
    for (const candidate of plan.filter(({ verdict }) => verdict === "remove")) {
      expect(await removeCandidate(installation(), candidate)).toBeUndefined();
    }
    expect(() => cluster.lambda.arn("agent", "1")).toThrow();
    const registered = (await readDeployments(installation().admin)).map(({ arn }) => arn);
    expect(registered).not.toContain(cluster.lambda.arn("gate", "2").replace(/2$/, "1"));
    expect(registered).toContain(cluster.lambda.arn("gate", "2"));

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
  proxy.arm({ invocation: 2, when: "after" }, () => {});
  const runs = await cluster.beginMany(1, script);
  await expect.poll(() => cluster.gate.history).toEqual(["arrived early-0"]);
  await cluster.deploy();
  goOn();
  await allWell(runs);
  expect(proxy.invoked.slice(0, 3)).toEqual(["agent", "gate", "gate"]);
  expect(editions()).toEqual({
    instructions: Array(3).fill(INSTRUCTIONS.second),
    early: [TOLD.first],
    late: [TOLD.first],
  });
});
