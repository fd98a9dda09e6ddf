import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { answerTo, asked } from "./support/approvals.ts";
import { type Cluster, MODES, type Mode } from "./support/cluster.ts";
import { type Conversation, openConversation } from "./support/conversation.ts";
import { answer, calls, oneByOne } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, watch } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
const rolesAndTexts = (messages: { role: string; text?: string }[]) =>
  messages.map(({ role, text }) => (text === undefined ? role : `${role}: ${text}`));

describe.each(Object.keys(MODES) as Mode[])("a conversation, %s", (mode) => {
  let cluster: Cluster;
  let talk: Conversation;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    talk = openConversation(cluster, randomUUID());
    cluster.gate.use((id) => `told ${id}`);
  });

  test("remembers what was said, with its calls and their results", async () => {
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("It was a.")));
    const first = await talk.send("What is it?");
    expect(first).toMatchObject({ answer: "It is a.", turns: 2, toolCalls: [{ id: "a", status: "ok" }] });
    expect(await talk.send("What was it?")).toMatchObject({ answer: "It was a.", turns: 1, toolCalls: [] });
    expect(cluster.modelRequests.at(-1)?.messages.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
    const { messages, older, running } = await talk.history();
    expect(older).toBeUndefined();
    expect(running).toBeUndefined();
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    const run = expect.stringMatching(/^inv_/);
    expect(messages).toEqual([
      { role: "user", text: "What is it?", run, at },
      { role: "assistant", text: "", calls: [{ id: "a", tool: "gate", input: { id: "a" } }], at },
      { role: "tool", results: [{ id: "a", tool: "gate", output: { id: "a", told: "told a" } }] },
      { role: "assistant", text: "It is a.", calls: [], at },
      { role: "user", text: "What was it?", run, at },
      { role: "assistant", text: "It was a.", calls: [], at },
    ]);
  });

  test("answers two writers one after the other", async () => {
    await cluster.use((request) =>
      answer(`To ${request.messages.filter(({ role }) => role === "user").length}.`),
    );
    const outputs = await Promise.all([talk.send("One"), talk.send("Two"), talk.send("Three")]);
    expect(outputs.map((output) => output.answer).toSorted()).toEqual(["To 1.", "To 2.", "To 3."]);
    const { messages } = await talk.history();
    expect(messages.map(({ role }) => role)).toEqual(Array(3).fill(["user", "assistant"]).flat());
  });

  test("F13: is interrupted, and goes on with what it knows of the calls that were cut off", async () => {
    cluster.gate.use((id) => (id === "b" ? new Promise(() => {}) : `told ${id}`));
    await cluster.use(oneByOne(calls(gate("a")), calls(gate("b")), answer("Enough.")));
    const run = await talk.begin("Ask a, then b.");
    await expect.poll(() => cluster.gate.history).toContain("arrived b");
    expect((await talk.history()).running).toBe(run);
    expect(await talk.interrupt()).toBe(run);
    await expect(cluster.outcome(run)).rejects.toThrow(/409.*cancelled/is);
    expect(await talk.interrupt()).toBeNull();
    cluster.gate.open();
    const { messages } = await talk.history();
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "tool"]);
    expect(messages.at(-1)).toMatchObject({
      results: [{ id: "b", tool: "gate", error: expect.stringMatching(/may have taken effect/) }],
    });
    expect(await talk.send("Stop.")).toMatchObject({ answer: "Enough." });
    expect(JSON.stringify(cluster.modelRequests.at(-1))).toContain("may have taken effect");
  });

  test("forgets a message that was cancelled while it waited, and nothing else", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    cluster.gate.use(() => promise);
    await cluster.use(oneByOne(calls(gate("a")), answer("First."), answer("Third.")));
    const first = await talk.begin("One");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    const second = await talk.begin("Two");
    await fetch(`${cluster.restate.adminUrl}/invocations/${second}/cancel`, { method: "PATCH" });
    // Restate takes it out of the queue, and forgets it.
    await expect(cluster.outcome(second)).rejects.toThrow(/404/);
    resolve();
    expect(await cluster.outcome(first)).toMatchObject({ answer: "First." });
    await talk.send("Three");
    const { messages } = await talk.history();
    expect(rolesAndTexts(messages.filter(({ role }) => role === "user"))).toEqual([
      "user: One",
      "user: Three",
    ]);
  });

  test("goes on after a failure", async () => {
    const failure = { error: { message: "No more." }, status: 401 };
    await cluster.use(oneByOne(calls(gate("a")), failure, answer("Better.")));
    await expect(talk.send("One")).rejects.toThrow(/502/);
    expect(await talk.send("Two")).toMatchObject({ answer: "Better." });
    const { messages } = await talk.history();
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user", "assistant"]);
  });

  test("asks for approvals, and tells who watches, by the id of the message's run", async () => {
    await cluster.use(
      oneByOne(calls({ id: "g", name: "guarded", input: { id: "g", amount: 1 } }), answer("Done.")),
    );
    const run = await talk.begin("Do it.", { events: true });
    const open = await asked(cluster, run, 1);
    await answerTo(cluster, run, { approval: open.get("g")?.id, approve: true });
    const told = (await watch(cluster, run)).map(brief);
    expect(told[0]).toBe("run-began");
    expect(told).toContain("approval-answered g");
    expect(told.at(-1)).toBe("run-ended");
    expect(await cluster.outcome(run)).toMatchObject({ toolCalls: [{ id: "g", status: "ok" }] });
  });

  test("keeps the turns of a long run, also those of the child run in which it went on", async () => {
    cluster.gate.use(() => "Eight turns of eight calls. ".repeat(60));
    const turns = Array.from({ length: 8 }, (_, turn) =>
      calls(...Array.from({ length: 8 }, (_, call) => gate(`t${turn}c${call}`))),
    );
    await cluster.use(oneByOne(turns[0] as never, ...turns.slice(1), answer("done"), answer("More.")));
    expect(await talk.send("Go.")).toMatchObject({ answer: "done", turns: 9 });
    const { messages } = await talk.history();
    expect(messages.filter(({ role }) => role === "tool")).toHaveLength(8);
    expect(messages.at(-1)).toMatchObject({ role: "assistant", text: "done" });
  });
});
