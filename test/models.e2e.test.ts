import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { barrier } from "./support/gate.ts";
import { answer, calls, oneByOne, type Reply } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const RUN = "/restate/call/TestAgent/run";
const GO = { message: "Go." };
const busy: Reply = { error: { message: "Slow down." }, status: 429, retryAfter: 1 };
const broken: Reply = { error: { message: "Internal error.\n    at model.js:1" }, status: 500 };

const PROTOCOLS = {
  // aimock's Responses do not say why they ended; what OpenAI's say is tested beside the code.
  "OpenAI Responses": { name: "openai/scripted", settings: {}, endings: {} },
  "OpenAI Chat Completions": {
    name: "openai/scripted",
    settings: { OPENAI_API: "chat" },
    endings: { length: "length", "content-filter": "content_filter" },
  },
  "Anthropic Messages": {
    name: "anthropic/claude-haiku-4-5",
    settings: { MODEL: "anthropic/claude-haiku-4-5" },
    endings: { length: "length", "content-filter": "refusal" },
  },
  Gemini: {
    name: "google/gemini-3.5-flash",
    settings: { MODEL: "google/gemini-3.5-flash" },
    endings: { length: "length", "content-filter": "content_filter" },
  },
};

describe.each(Object.entries(PROTOCOLS))("over %s", (protocol, { name, settings, endings }) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7", { settings });
  });
  afterAll(() => cluster?.stop());
  const agentInvocations = () => cluster.lambda.stats().functions.agent?.invocations;

  test("parallel calls run together, and all their results reach the model in order", async () => {
    cluster.gate.use(barrier(2));
    const run = await cluster.run(
      calls(
        { id: "a", name: "gate", input: { id: "g1" } },
        { id: "b", name: "fails", input: { how: "for-good" } },
        { id: "c", name: "gate", input: { id: "g2" } },
      ),
      answer("two of three"),
    );
    expect(run).toMatchObject({ answer: "two of three", finishReason: "stop", turns: 2 });
    expect(run.toolCalls.map(({ id, status }) => [id, status])).toEqual([
      ["a", "ok"],
      ["b", "error"],
      ["c", "ok"],
    ]);
    const told = cluster.modelRequests.at(-1)?.messages.filter(({ role }) => role === "tool") ?? [];
    expect(told.map((result) => result.tool_call_id)).toEqual(["a", "b", "c"]);
    expect(String(told[1]?.content)).toContain("No such thing.");
    expect(agentInvocations()).toBe(2);
  });

  test("F8: malformed arguments of one call do not end the run", async () => {
    // Anthropic's protocol and Google's have objects only, and cannot carry anything malformed.
    const objectsOnly = ["Anthropic Messages", "Gemini"].includes(protocol);
    const input = objectsOnly ? {} : '{"id": "g';
    const run = await cluster.run(calls({ id: "bad", name: "gate", input }), answer("sorry"));
    expect(run).toMatchObject({ answer: "sorry", toolCalls: [{ id: "bad", status: "invalid-input" }] });
  });

  test("a rate limit is waited out, for one more invocation of the agent", async () => {
    await cluster.use(oneByOne(busy, answer("at last")));
    const started = performance.now();
    const { body } = await cluster.call(RUN, GO);
    expect(body).toMatchObject({ answer: "at last", turns: 1 });
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(cluster.modelRequests).toHaveLength(2);
    expect(agentInvocations()).toBe(2);
  });

  test.each(Object.entries(endings))("a reply ended by %s says so", async (finishReason, scripted) => {
    const run = await cluster.run({ ...answer("It is su"), finishReason: scripted });
    expect(run).toMatchObject({ answer: "It is su", finishReason, turns: 1 });
  });

  test("a model that fails three times fails the run, which says so cleanly", async () => {
    await cluster.use(oneByOne(broken));
    const { status, body } = await cluster.call(RUN, GO);
    expect(status).toBe(502);
    expect(body).toMatchObject({ message: `The model ${name} answered 500: Internal error.` });
    expect(JSON.stringify(body)).not.toMatch(/model\.js|127\.0\.0\.1|node_modules|marker-/);
    expect(cluster.modelRequests).toHaveLength(3);
    expect(agentInvocations()).toBe(4);
  });

  test.each([
    ["4 MB of text", answer("x".repeat(4_000_000))],
    ["2.4 MB of arguments", calls({ id: "a", name: "gate", input: { id: "x".repeat(2_400_000) } })],
    ["50 MB of text", answer("x".repeat(50_000_000))],
  ])("F9: a reply with %s fails the run at once", async (_what, reply) => {
    await cluster.use(oneByOne(reply));
    const { status, body } = await cluster.call(RUN, GO);
    expect(status).toBe(502);
    expect(body).toMatchObject({
      message: `The model ${name} answered with more than 1 MB, which a run cannot hold`,
    });
    expect(cluster.modelRequests).toHaveLength(1);
  });

  test("a request that the model refuses fails the run at once", async () => {
    await cluster.use(oneByOne({ error: { message: "The prompt is too long." }, status: 400 }));
    const { status, body } = await cluster.call(RUN, GO);
    expect(status).toBe(502);
    expect(body).toMatchObject({ message: `The model ${name} answered 400: The prompt is too long.` });
    expect(cluster.modelRequests).toHaveLength(1);
  });
});
