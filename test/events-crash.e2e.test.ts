import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls } from "./support/script.ts";
import { brief, watch } from "./support/watch.ts";

const SCRIPT = [
  calls(
    { id: "a", name: "gate", input: { id: "a" } },
    { id: "b", name: "fails", input: { how: "for-good" } },
  ),
  answer("Done."),
];
/** The agent twice, two calls, and the topic for each of them. */
const INVOCATIONS = 2 * (2 + 2);
const TOLD = [
  "run-began",
  "turn-began",
  "turn-ended",
  "call-issued a",
  "call-issued b",
  "call-ended a ok",
  "call-ended b error",
  "turn-began",
  "turn-ended",
  "run-ended",
];

let cluster: Cluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({ functions: ["agent", "fails", "gate"] }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

async function toldDespite(point: CrashPoint | undefined, crash: () => void) {
  cluster.gate.use((id) => `told ${id}`);
  proxy.arm(point, crash);
  const id = await cluster.beginWith({ events: true }, ...SCRIPT);
  await cluster.outcome(id);
  return await watch(cluster, id);
}
/** Two calls that run at the same time may end in either order. */
const inOrder = (events: string[]) => [
  ...events.slice(0, 5),
  ...events.slice(5, 7).toSorted(),
  ...events.slice(7),
];

const killEnvironments = () => {
  for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
};
const killServer = () => void cluster.crashServer();

test("without a crash, everything is told", async () => {
  expect(inOrder((await toldDespite(undefined, () => {})).map(brief))).toEqual(TOLD);
  expect(proxy.invoked.filter((name) => name !== "RunEvents")).toHaveLength(4);
});

// A function that dies before it has done anything is invoked again, whatever it does: test/crash.e2e.test.ts.
const points = Array.from(
  { length: INVOCATIONS },
  (_, index): CrashPoint => ({ invocation: index + 1, when: "after" }),
);

test.each(points)(
  "everything is told once when every function dies $when invocation $invocation",
  async (point) => {
    const events = await toldDespite(point, killEnvironments);
    expect(inOrder(events.map(brief))).toEqual(TOLD);
    expect(events.find((event) => brief(event) === "call-ended a ok")).toMatchObject({
      output: { told: "told a" },
    });
  },
);

test.each(points)(
  "everything is told once when the server dies $when invocation $invocation",
  async (point) => {
    expect(inOrder((await toldDespite(point, killServer)).map(brief))).toEqual(TOLD);
  },
);
