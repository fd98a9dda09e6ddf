import { afterAll, beforeAll, expect, test } from "vitest";
import { answerTo, asked, openIn } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls } from "./support/script.ts";
import { brief, watch } from "./support/watch.ts";

const CALL = { id: "w", name: "guarded_write", input: { id: "effect" } };
/** Once the call: the agent, who waits, the question, who is told of it, the answer, who waits, the tool, who waits, the agent. */
const INVOCATIONS = [
  "agent",
  "RunEvents",
  "RunEvents",
  "notify",
  "RunEvents",
  "RunEvents",
  "guarded_write",
  "RunEvents",
  "agent",
];

let cluster: Cluster;
let proxy: CrashProxy;
let effects: string[];
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({
    functions: ["agent", "composite", "guarded", "guarded_write", "notify"],
    settingsOfAll: { APPROVAL_NOTIFIER: "notify" },
  }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

async function runDespite(point: CrashPoint | undefined, crash: () => void) {
  effects = [];
  cluster.gate.use((id) => void effects.push(id));
  proxy.arm(point, crash);
  const run = await cluster.begin(calls(CALL), answer("Done."));
  const open = await asked(cluster, run, 1);
  const approval = open.get("w")?.id;
  const { body } = await insist(() => answerTo(cluster, run, { approval, approve: true, by: "ann" }));
  expect(body).toMatchObject({ decision: "approved", by: "ann" });
  const output = await cluster.outcome(run);
  expect(new Set(cluster.gate.keys.get("effect")).size).toBe(1);
  return output;
}

/** Tries again while the server is away, as a client does. */
async function insist(request: () => ReturnType<Cluster["call"]>): ReturnType<Cluster["call"]> {
  for (;;) {
    const answered = await request().catch(() => undefined);
    if (answered?.status === 200) return answered;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const killEnvironments = () => {
  for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
};
const killServer = () => void cluster.crashServer();

test("an approved call costs five invocations more than another, with the one that is told of it", async () => {
  const { answer: text, toolCalls } = await runDespite(undefined, () => {});
  expect([text, toolCalls[0]?.status]).toEqual(["Done.", "ok"]);
  // Who is told, and who waits, may come in either order.
  expect(proxy.invoked.toSorted()).toEqual(INVOCATIONS.toSorted());
  expect(effects.toSorted()).toEqual(["effect", "told of guarded_write"]);
});

// A function that dies before it has done anything is invoked again, whatever it does: test/crash.e2e.test.ts.
const points = INVOCATIONS.map((_, index): CrashPoint => ({ invocation: index + 1, when: "after" }));

test.each(points)("it is made once when every function dies $when invocation $invocation", async (point) => {
  const { toolCalls } = await runDespite(point, killEnvironments);
  expect(toolCalls).toMatchObject([{ status: "ok", approval: { decision: "approved", by: "ann" } }]);
});

test.each(points)("it is made once when the server dies after invocation $invocation", async (point) => {
  const { toolCalls } = await runDespite(point, killServer);
  expect(toolCalls).toMatchObject([{ status: "ok", approval: { decision: "approved", by: "ann" } }]);
});

test("a restart of everything changes nothing for who waits", async () => {
  proxy.arm(undefined, () => {});
  effects = [];
  cluster.gate.use((id) => void effects.push(id));
  const waits = { id: "c", name: "composite", input: { ids: [], waits: [{ name: "payment" }] } };
  const guarded = { id: "g", name: "guarded", input: { id: "g" } };
  const run = await cluster.beginWith({ events: true }, calls(waits, guarded), answer("Paid."));
  const open = await asked(cluster, run, 1);
  killEnvironments();
  await cluster.crashServer();
  // A server that has just begun may not have all of its state at hand.
  await expect.poll(() => openIn(cluster, run).catch(() => [])).toHaveLength(1);
  await insist(() =>
    cluster.call(`/restate/call/RunEvents/${run}/resolve`, { name: "payment", value: { paid: 5 } }),
  );
  await insist(() => answerTo(cluster, run, { approval: open.get("g")?.id, approve: true }));
  expect((await cluster.outcome(run)).toolCalls.map(({ status }) => status)).toEqual(["ok", "ok"]);
  expect(effects.filter((id) => id === "g")).toEqual(["g"]);
  expect((await watch(cluster, run)).map(brief)).toContain("approval-answered g");
});
