import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { openConversation } from "./support/conversation.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { answer, calls, type Script } from "./support/script.ts";

/** What each message is answered with: a call of the message's own, then words; what the conversation was before it shows which. */
const script: Script = ({ messages }) => {
  const last = messages.at(-1);
  const asked = messages.findLast(({ role }) => role === "user");
  if (last?.role === "tool") return answer(`Answered ${asked?.content}.`);
  const id = String(asked?.content);
  return calls({ id, name: "gate", input: { id } });
};
/** For each of two messages the note, the agent twice and a call. */
const INVOCATIONS = 2 * (1 + 2 + 1);

let cluster: Cluster;
let proxy: CrashProxy;
beforeAll(async () => {
  ({ cluster, proxy } = await startCrashingCluster({ functions: ["agent", "gate"] }));
});
afterAll(async () => {
  await cluster?.stop();
  await proxy?.stop();
});

/** Sends two messages, the second while the first is answered. */
async function said(point: CrashPoint | undefined, crash: () => void): Promise<unknown[]> {
  cluster.gate.use((id) => `told ${id}`);
  await cluster.use(script);
  proxy.arm(point, crash);
  const talk = openConversation(cluster, randomUUID());
  const first = await talk.begin("one");
  const second = await talk.begin("two");
  expect(await cluster.outcome(first)).toMatchObject({ answer: "Answered one." });
  expect(await cluster.outcome(second)).toMatchObject({ answer: "Answered two." });
  const { messages, running } = await talk.history();
  expect(running).toBeUndefined();
  return messages.map((message) => {
    if (message.role === "tool") return message.results.map(({ output }) => output);
    return message.role === "user" ? [message.text, message.run] : message.text;
  });
}

const ID = expect.stringMatching(/^inv_/);
const SAID = ["one", "two"].flatMap((id) => [[id, ID], "", [{ id, told: `told ${id}` }], `Answered ${id}.`]);

const killEnvironments = () => {
  for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
};
const killServer = () => void cluster.crashServer();

test("without a crash, everything that was said is kept", async () => {
  expect(await said(undefined, () => {})).toEqual(SAID);
  // The history is one more.
  expect(proxy.invoked).toHaveLength(INVOCATIONS + 1);
});

// A function that dies before it has done anything is invoked again, whatever it does: test/crash.e2e.test.ts.
const points = Array.from(
  { length: INVOCATIONS },
  (_, index): CrashPoint => ({ invocation: index + 1, when: "after" }),
);

test.each(points)(
  "what was said is kept once when every function dies $when invocation $invocation",
  async (point) => {
    expect(await said(point, killEnvironments)).toEqual(SAID);
  },
);

test.each(points)(
  "what was said is kept once when the server dies $when invocation $invocation",
  async (point) => {
    expect(await said(point, killServer)).toEqual(SAID);
  },
);

/** The note, the summary with the answer, and the archive. */
const OF_A_SUMMARY = points.slice(0, 3);

test.each([
  ...OF_A_SUMMARY.map((point) => ({ ...point, what: "every function", crash: killEnvironments })),
  ...OF_A_SUMMARY.map((point) => ({ ...point, what: "the server", crash: killServer })),
])(
  "what is summarised is archived once when $what dies $when invocation $invocation",
  async ({ crash, ...point }) => {
    const [a = "", b = ""] = ["a", "b"].map((letter) => letter.repeat(90_000));
    await cluster.use(() => answer("Yes."));
    proxy.arm(undefined, () => {});
    const talk = openConversation(cluster, randomUUID());
    for (const text of [a, b]) await cluster.outcome(await talk.begin(text));
    proxy.arm(point, crash);
    expect(await cluster.outcome(await talk.begin("c"))).toMatchObject({ answer: "Yes." });
    const texts = async (page?: number) =>
      (await talk.history(page)).messages.flatMap((message) =>
        message.role === "user" ? [message.text] : [],
      );
    // The archive may still be on its way.
    await expect.poll(() => texts(0), { timeout: 20_000 }).toEqual([a, b]);
    expect(await texts()).toEqual(["c"]);
    expect(await talk.history()).toMatchObject({ older: 0 });
  },
);
