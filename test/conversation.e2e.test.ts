import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { readRuns } from "../lib/cli/run/runs.ts";
import { query } from "../lib/restate/index.ts";
import { answerTo, asked } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { type Conversation, openConversation } from "./support/conversation.ts";
import { answer, calls, oneByOne, type Reply } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, watch } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
/** So much that the run's journal pays to be left behind after five turns. */
const LONG_TURNS = Array.from({ length: 8 }, (_, turn) =>
  calls(...Array.from({ length: 8 }, (_, call) => gate(`t${turn}c${call}`))),
) as [Reply, ...Reply[]];
const rolesAndTexts = (messages: { role: string; text?: string }[]) =>
  messages.map(({ role, text }) => (text === undefined ? role : `${role}: ${text}`));

// A message is a run, which the tests of runs drive in other modes as well.
describe("a conversation", () => {
  let cluster: Cluster;
  let talk: Conversation;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7");
  });
  afterAll(() => cluster?.stop());
  const admin = () => ({ url: cluster.restate.adminUrl });
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
    const listed = await readRuns(admin(), { agents: ["TestAgent"], limit: 3 });
    expect(listed.map(({ id }) => id).toSorted()).toEqual(
      messages.flatMap((message) => (message.role === "user" ? [message.run] : [])).toSorted(),
    );
    expect(listed.every(({ agent, turns }) => agent === "TestAgent" && turns === 1)).toBe(true);
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
    await cluster.use(oneByOne(...LONG_TURNS, answer("done"), answer("More.")));
    expect(await talk.send("Go.")).toMatchObject({ answer: "done", turns: 9 });
    const { messages } = await talk.history();
    expect(messages.filter(({ role }) => role === "tool")).toHaveLength(8);
    expect(messages.at(-1)).toMatchObject({ role: "assistant", text: "done" });
  });

  test("F13: keeps what a child run has done when it is interrupted there", async () => {
    const text = "Eight turns of eight calls. ".repeat(60);
    cluster.gate.use((id) => (id.startsWith("t7") ? new Promise(() => {}) : text));
    await cluster.use(oneByOne(...LONG_TURNS, answer("More.")));
    const run = await talk.begin("Go.");
    await expect.poll(() => cluster.gate.history).toContain("arrived t7c7");
    expect(await talk.interrupt()).toBe(run);
    await expect(cluster.outcome(run)).rejects.toThrow(/409.*cancelled/is);
    cluster.gate.open();
    const results = (await talk.history()).messages.filter(({ role }) => role === "tool");
    expect(results).toHaveLength(8);
    expect(JSON.stringify(results[6])).not.toContain("may have taken effect");
    expect(JSON.stringify(results[7])).toContain("may have taken effect");
  });

  test("keeps the message of a run that was killed, and goes on", async () => {
    cluster.gate.use(() => new Promise(() => {}));
    await cluster.use(oneByOne(calls(gate("a")), answer("Here.")));
    const run = await talk.begin("One");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    await fetch(`${cluster.restate.adminUrl}/invocations/${run}/kill`, { method: "PATCH" });
    await expect(cluster.outcome(run)).rejects.toThrow(/killed/);
    cluster.gate.open();
    await talk.send("Two");
    expect(rolesAndTexts((await talk.history()).messages)).toEqual([
      "user: One",
      "user: Two",
      "assistant: Here.",
    ]);
  });

  test("is summarised by the model where it has outgrown its bound, and its history has everything", async () => {
    const long = (letter: string) => letter.repeat(90_000);
    await cluster.use((request) => answer(isSummary(request) ? "Letters." : "Read."));
    const texts = ["a", "b", "c"].map(long);
    for (const text of texts) await talk.send(text);
    const [summary] = cluster.modelRequests.filter(isSummary);
    expect(String(summary?.messages.at(-1)?.content)).toMatch(/^user: a+\n\nassistant: Read\.\n\nuser: b/);
    const told = cluster.modelRequests.at(-1)?.messages.map(({ content }) => String(content));
    expect(told?.slice(1)).toEqual(["What was said before, in short:\nLetters.", texts[2]]);
    const tokens = (await talk.send("How much?")).usage;
    expect(tokens.perTurn).toHaveLength(1);
    const newest = await talk.history();
    expect(newest.messages.filter(({ role }) => role === "user")).toMatchObject([
      { text: texts[2] },
      { text: "How much?" },
    ]);
    expect(newest.older).toBe(0);
    const oldest = await talk.history(0);
    expect(oldest).not.toHaveProperty("older");
    expect(oldest.messages).toMatchObject([
      { role: "user", text: texts[0] },
      { role: "assistant", text: "Read." },
      { role: "user", text: texts[1] },
      { role: "assistant", text: "Read." },
    ]);
    await expect(talk.history(1)).rejects.toThrow(/404.*page: expected less than 1, got 1/);
  });

  test("counts what its summary used in the usage of the message that needed it", async () => {
    await cluster.use((request) => ({
      content: isSummary(request) ? "Short." : "Yes.",
      usage: { input_tokens: 7, output_tokens: 1 },
    }));
    await talk.send("a".repeat(90_000));
    await talk.send("b".repeat(90_000));
    const { usage, turns } = await talk.send("c");
    expect(turns).toBe(1);
    expect(usage).toMatchObject({ inputTokens: 14, outputTokens: 2 });
    expect(usage.perTurn).toMatchObject([{ inputTokens: 7, outputTokens: 1 }]);
  });

  test("a write still waits for an approval when what came from outside is in the summary only", async () => {
    const say = (letter: string) => talk.send(letter.repeat(90_000));
    const outside = { id: "o", name: "outside", input: { id: "o" } };
    const record = { id: "w", name: "record", input: { id: "w" } };
    await cluster.use(
      oneByOne(calls(outside), answer("a"), answer("b"), answer("Short."), calls(record), answer("Written.")),
    );
    await say("a");
    await say("b");
    const run = await talk.begin("Write.");
    const open = await asked(cluster, run, 1);
    expect(JSON.stringify(cluster.modelRequests.at(-1)?.messages)).not.toContain('"o"');
    await answerTo(cluster, run, { approval: open.get("w")?.id, approve: false });
    expect(await cluster.outcome(run)).toMatchObject({ toolCalls: [{ id: "w", status: "denied" }] });
  });

  test("is forked with its archives, but not into one that is not empty, and reset", async () => {
    await cluster.use((request) => answer(isSummary(request) ? "Short." : "Yes."));
    for (const letter of ["a", "b", "c"]) await talk.send(letter.repeat(90_000));
    const other = openConversation(cluster, randomUUID());
    await talk.fork(other.id);
    await expect(talk.fork(other.id)).rejects.toThrow(/409.*to: expected a new conversation, "?/);
    await other.send("More.");
    const before = await talk.history();
    expect(before.messages).toHaveLength(2);
    expect((await other.history()).messages).toHaveLength(4);
    await talk.reset();
    expect(await talk.history()).toEqual({ messages: [] });
    expect((await other.history(0)).messages).toHaveLength(4);
    await expect.poll(() => archivesOf(talk.id)).toEqual([]);
    await talk.send("Again.");
    expect(cluster.modelRequests.at(-1)?.messages).toHaveLength(2);
  });

  test("takes no id that an archive could have", async () => {
    await expect(openConversation(cluster, "a%20b").send("Hi.")).rejects.toThrow(
      /400.*id: expected 1 to 200 characters without spaces/,
    );
  });

  const archivesOf = (id: string) =>
    query(
      { url: cluster.restate.adminUrl },
      `SELECT service_key FROM state WHERE service_key LIKE '${id} %'`,
    );
});

describe("what a run takes beside its message", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7");
  });
  afterAll(() => cluster?.stop());
  const run = (input: object) => cluster.call("/restate/call/TestAgent/run", { message: "Go.", ...input });

  test("messages of its caller's own, which come from a conversation's history as well", async () => {
    cluster.gate.use((id) => `told ${id}`);
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("Again.")));
    const talk = openConversation(cluster, randomUUID());
    await talk.send("What is it?");
    const { messages } = await talk.history();
    expect(await run({ messages })).toMatchObject({ status: 200, body: { answer: "Again.", turns: 1 } });
    const told = cluster.modelRequests.at(-1)?.messages;
    expect(told?.map(({ role }) => role)).toEqual([
      "system",
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
    expect(await run({ messages: messages.slice(0, 2) })).toEqual({
      status: 400,
      body: expect.objectContaining({
        message: expect.stringContaining("messages.1: expected the results of a after it"),
      }),
    });
  });

  test("files, which a conversation keeps", async () => {
    await cluster.use(oneByOne(answer("A map.")));
    const talk = openConversation(cluster, randomUUID());
    const attachments = [{ data: "iVBORw0KGgo=", mediaType: "image/png" }];
    await talk.send("What is it?", { attachments });
    expect((await talk.history()).messages[0]).toMatchObject({ text: "What is it?", attachments });
    expect(await talk.send("Where?")).toMatchObject({ answer: "A map." });
  });

  test("no URL of what the provider does not fetch: it is a 400, and nobody is asked", async () => {
    await cluster.use(oneByOne(answer("Never.")));
    expect(
      await run({ attachments: [{ url: "https://example.com/a.mp3", mediaType: "audio/mpeg" }] }),
    ).toMatchObject({
      status: 400,
      body: { message: "The model openai/scripted does not take a URL of audio/mpeg; send the file itself" },
    });
    expect(await run({ attachments: [{ url: "http://10.0.0.1/a.png" }] })).toMatchObject({ status: 400 });
    expect(cluster.modelRequests).toEqual([]);
  });

  test("a conversation keeps a file that no model takes in words, so that it goes on", async () => {
    await cluster.use(oneByOne(answer("What was it?")));
    const talk = openConversation(cluster, randomUUID());
    const url = "https://example.com/a.mp3";
    await expect(talk.send("Listen.", { attachments: [{ url, mediaType: "audio/mpeg" }] })).rejects.toThrow(
      /400.*does not take a URL/,
    );
    expect(await talk.send("Well?")).toMatchObject({ answer: "What was it?" });
    expect((await talk.history()).messages[0]).toMatchObject({
      text: `Listen.\n[attachment ${url}, audio/mpeg]`,
    });
  });
});

describe("a conversation of 400 messages", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7");
  });
  afterAll(() => cluster?.stop());

  test("answers the last as the first, sends no model more than its bound, and has everything in its history", async () => {
    let longest = 0;
    await cluster.use((request) => {
      longest = Math.max(longest, JSON.stringify(request.messages).length);
      return answer(isSummary(request) ? "Short." : "Yes.");
    });
    const talk = openConversation(cluster, randomUUID());
    const text = (n: number) => `${n}: ${"x".repeat(1_000)}`;
    const runs: string[] = [];
    for (let n = 0; n < 400; n++) runs.push(await talk.begin(text(n)));
    for (const run of runs) await cluster.outcome(run);
    expect(longest).toBeLessThan(200_000);
    const pages = [await talk.history()];
    for (let page = pages[0]?.older; page !== undefined; page = pages[0]?.older)
      pages.unshift(await talk.history(page));
    expect(pages.length).toBeGreaterThan(2);
    const said = pages.flatMap(({ messages }) => messages).filter(({ role }) => role === "user");
    expect(said.map((message) => message.role === "user" && message.text)).toEqual(
      runs.map((_, n) => text(n)),
    );
  }, 300_000);
});

/** Whether the model is asked for a summary. */
const isSummary = ({ messages: [first] }: { messages: readonly { content?: unknown }[] }) =>
  String(first?.content).startsWith("Summarise");
