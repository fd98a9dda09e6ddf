import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls, repliesToEach } from "./support/script.ts";

// A step of ours does not wait for its acknowledgement. What that rests on is seen here as it is on the wire.

/** How often the server is killed, with how many runs in flight: two hundred times a run meets it. */
const KILLS = 20;
const RUNS = 5;
/** How long after an answer has left for it at most, in ms: it takes it in meanwhile. */
const KILLED_WITHIN_MS = 30;

let cluster: Cluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({ functions: ["agent", "gate", "record", "steps"] }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

const read = (id: string) => ({ id, name: "gate", input: { id } });
const write = (id: string) => ({ id, name: "record", input: { id } });
/** Two reads, then a write. */
const script = (run: string) => [
  calls(read(`r1-${run}`), read(`r2-${run}`)),
  calls(write(`w-${run}`)),
  answer(`Done: ${run}.`),
];
/** The agent thrice, and each tool once. */
const INVOCATIONS = 6;

/** Begins a run. @returns its outcome, when it has one. */
async function run(replies = script("0")) {
  cluster.gate.use((id) => `told ${id}`);
  return cluster.outcome(await cluster.begin(...replies));
}
const framesOf = (name: string) =>
  proxy.answered.filter((one) => one.name === name).map(({ frames }) => frames);

test("a response has a step's result before what follows from it, and all of it in one", async () => {
  proxy.arm(undefined, () => {});
  const steps = { id: "s", name: "steps", input: { numbers: [1, 2] } };
  await run([calls(read("r1"), read("r2")), calls(write("w"), steps), answer("Done.")]);
  const step = ["Run", "ProposeRunCompletion"];
  expect(framesOf("agent")).toEqual([
    [...step, "Call", "Call", "Sleep", "Suspension"],
    [...step, "Call", "Sleep", "Suspension"],
    ["Call", "Sleep", "Suspension"],
    [...step, "Output", "End"],
  ]);
  expect(framesOf("record")).toEqual([[...step, "Output", "End"]]);
  expect(framesOf("steps")).toEqual([
    ["Run", "Run", ...Array(2).fill("ProposeRunCompletion"), "Output", "End"],
  ]);
});

test("F12: a step that is done, and whose response is lost, is done again before anything follows from it", async () => {
  proxy.arm({ invocation: 1, when: "after" }, () => {});
  expect(await run()).toMatchObject({
    answer: "Done: 0.",
    toolCalls: ["r1-0", "r2-0", "w-0"].map((id) => ({ id, status: "ok" })),
  });
  // The first reply reached nobody, and neither did its calls.
  expect(cluster.modelRequests).toHaveLength(script("0").length + 1);
  expect([...cluster.gate.keys.values()].map((keys) => keys.length)).toEqual([1, 1, 1]);
});

test("an attempt that ends before its step is acknowledged leaves nothing unhandled behind", async () => {
  proxy.arm(undefined, () => {});
  await run();
  const environments = cluster.lambda.pids();
  cluster.log.length = 0;
  await run();
  // None has crashed; the second run may have needed one more.
  expect(cluster.lambda.pids()).toEqual(expect.arrayContaining(environments));
  expect(cluster.log.filter((line) => /unhandled|"level":"(?:WARN|ERROR)"/i.test(line))).toEqual([]);
});

test(`F10, F12: a server that dies while it takes in such responses goes on with the same runs, ${KILLS} times`, async () => {
  const numbers = Array.from({ length: RUNS }, (_, number) => String(number));
  for (let kill = 0; kill < KILLS; kill++) {
    const point = {
      invocation: 1 + Math.floor(Math.random() * INVOCATIONS * RUNS),
      when: "answering",
    } as const;
    const afterMs = Math.random() * KILLED_WITHIN_MS;
    let killed: Promise<void> = Promise.resolve();
    proxy.arm(point, () => {
      killed = sleep(afterMs).then(() => cluster.crashServer());
    });
    cluster.gate.use((id) => `told ${id}`);
    const ids = await cluster.beginMany(
      RUNS,
      repliesToEach((number) => script(number)),
    );
    const outcomes = await Promise.all(ids.map((id) => cluster.outcome(id)));
    await killed;
    expect(outcomes, `the server killed ${afterMs} ms after answer ${point.invocation}`).toMatchObject(
      numbers.map((number) => ({
        answer: `Done: ${number}.`,
        turns: 3,
        toolCalls: [{ id: `r1-${number}` }, { id: `r2-${number}` }, { id: `w-${number}` }].map((call) => ({
          ...call,
          status: "ok",
        })),
      })),
    );
    // However often one was tried, it was tried as one and the same write.
    const writes = numbers.map((number) => new Set(cluster.gate.keys.get(`w-${number}`)).size);
    expect(writes).toEqual(numbers.map(() => 1));
  }
}, 300_000);
