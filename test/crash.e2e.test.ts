import { afterAll, beforeAll, expect, test } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import { query } from "../lib/restate/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls, resultsIn } from "./support/script.ts";

// A journal grows only when a function is invoked or answers, so the moments just before and just after each invocation
// are all the points at which a crash can find a run in a different state.

const SCRIPT = [
  calls(
    { id: "read1", name: "gate", input: { id: "r1" } },
    { id: "read2", name: "gate", input: { id: "r2" } },
    { id: "broken", name: "fails", input: { how: "for-good" } },
  ),
  calls(
    { id: "read3", name: "gate", input: { id: "r3" } },
    { id: "write", name: "record", input: { id: "w" } },
  ),
  answer("All done."),
];

/** The agent: its start, then after one fan-out of reads, after a read, and after a write. Four reads; a write. */
const AGENT_INVOCATIONS = 1 + 3;
const RUN_INVOCATIONS = AGENT_INVOCATIONS + 4 + 1;
const COMMANDS = 1 + 3 + 5 + (2 + 1 + 1) + 1;

let cluster: Cluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({
    functions: ["agent", "composite", "fails", "gate", "record"],
  }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

async function runWithCrash(point: CrashPoint | undefined, crash: () => void) {
  cluster.gate.use((id) => `told ${id}`);
  proxy.arm(point, crash);
  const id = await cluster.begin(...SCRIPT);
  const output = await cluster.outcome(id);
  const [journal] = await query<{ commands: number }>(
    { url: cluster.restate.adminUrl },
    `SELECT count(*) AS commands FROM sys_journal WHERE id = '${id}' AND entry_type LIKE 'Command:%'`,
  );
  return { outcome: essence(output), told: resultsWithoutKey(), commands: journal?.commands };
}

/** A run's output without what may differ from run to run: times. */
function essence({ answer: text, finishReason, turns, toolCalls }: AgentOutput) {
  return {
    text,
    finishReason,
    turns,
    calls: toolCalls.map(({ id, status, error }) => ({ id, status, error })),
  };
}

function resultsWithoutKey() {
  return { ...resultsIn(cluster.modelRequests.at(-1)), write: undefined };
}

const killEnvironments = () => {
  for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
};
const killServer = () => void cluster.crashServer();

const UNDISTURBED = {
  outcome: {
    text: "All done.",
    finishReason: "stop",
    turns: 3,
    calls: [
      { id: "read1", status: "ok" },
      { id: "read2", status: "ok" },
      { id: "broken", status: "error", error: "No such thing." },
      { id: "read3", status: "ok" },
      { id: "write", status: "ok" },
    ],
  },
  told: {
    read1: { id: "r1", told: "told r1" },
    read2: { id: "r2", told: "told r2" },
    broken: { error: "No such thing." },
    read3: { id: "r3", told: "told r3" },
  },
};

test("the run without a crash is what the crashes are compared with", async () => {
  const { outcome, told, commands } = await runWithCrash(undefined, () => {});
  expect({ outcome, told }).toEqual(UNDISTURBED);
  expect(proxy.invoked).toHaveLength(RUN_INVOCATIONS);
  // Input, three model turns, five calls, a timer for each timeout of the three groups, output.
  expect(commands).toBe(COMMANDS);
});

const points = Array.from({ length: RUN_INVOCATIONS }, (_, index) => index + 1).flatMap((invocation) =>
  (["before", "after"] as const).map((when): CrashPoint => ({ invocation, when })),
);

test.each(points)("F3, F10, F12: every function dies $when invocation $invocation", async (point) => {
  const { outcome, told, commands } = await runWithCrash(point, killEnvironments);
  expect({ outcome, told }).toEqual(UNDISTURBED);
  expect(commands).toBe(COMMANDS);
  const keys = cluster.gate.keys.get("w") ?? [];
  // However often the effect was tried, it was tried as one and the same write.
  expect(new Set(keys).size).toBe(1);
  expect(keys.length).toBe(diedWithUnrecordedEffect(point) ? 2 : 1);
});

/** A server that dies just before has not seen what it sees again: to die with the answer on its way is the harder case. */
const lost = points.filter(({ when }) => when === "after");

test.each(lost)("F3, F10, F12: the server dies $when invocation $invocation", async (point) => {
  const { outcome, told, commands } = await runWithCrash(point, killServer);
  expect({ outcome, told }).toEqual(UNDISTURBED);
  expect(commands).toBe(COMMANDS);
  const keys = cluster.gate.keys.get("w") ?? [];
  expect(new Set(keys).size).toBe(1);
  expect(keys.length).toBe(diedWithUnrecordedEffect(point) ? 2 : 1);
});

/** The agent and the composite twice, its two parts once each. */
const COMPOSITE_INVOCATIONS = 6;
const compositePoints = points.filter(({ invocation }) => invocation <= COMPOSITE_INVOCATIONS);

test.each(compositePoints)(
  "a composite keeps its parts' results when every function dies $when invocation $invocation",
  async (point) => {
    cluster.gate.use((id) => `told ${id}`);
    proxy.arm(point, killEnvironments);
    const id = await cluster.begin(
      calls({ id: "c", name: "composite", input: { ids: ["p1", "p2"] } }),
      answer("Done."),
    );
    expect(await cluster.outcome(id)).toMatchObject({
      answer: "Done.",
      toolCalls: [{ id: "c", status: "ok" }],
    });
    expect(resultsIn(cluster.modelRequests.at(-1))).toEqual({
      c: { told: ['{"id":"p1","told":"told p1"}', '{"id":"p2","told":"told p2"}'] },
    });
    // Only the part under which its function died is done again; while both run, both may have died.
    const done = [...cluster.gate.keys.values()].map((keys) => keys.length);
    expect(done.every((times) => times <= 2)).toBe(true);
    expect(done).toHaveLength(2);
    if (proxy.invoked[point.invocation - 1] !== "gate") expect(done).toEqual([1, 1]);
  },
);

test("F4: a write whose function cannot be reached before its timeout never happens", async () => {
  cluster.gate.use(() => {});
  proxy.arm(undefined, () => {});
  proxy.unreachable.add("record");
  const run = await cluster.runWith(
    { limits: { deadline: { seconds: 1 } } },
    calls({ id: "write", name: "record", input: { id: "w" } }),
    answer("not written"),
  );
  expect(run.toolCalls[0]?.status).toBe("timeout");
  proxy.unreachable.clear();
  const unfinished = "SELECT id FROM sys_invocation WHERE status <> 'completed'";
  await expect
    .poll(() => query({ url: cluster.restate.adminUrl }, unfinished), { timeout: 15_000 })
    .toEqual([]);
  expect(cluster.gate.history).toEqual([]);
});

/**
 * The one window of a durable step: the effect has happened, and the answer that tells Restate so is lost. Only the
 * provider can close it, by the idempotency key.
 */
function diedWithUnrecordedEffect({ invocation, when }: CrashPoint): boolean {
  return when === "after" && invocation === proxy.invoked.indexOf("record") + 1;
}
