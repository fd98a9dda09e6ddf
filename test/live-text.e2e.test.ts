import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { serveOnLoopback } from "../lib/sandbox/index.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { watch } from "./support/watch.ts";

/** What the model does with each request, in turn. */
let script: ((stream: SSEStreamingApi) => Promise<void>)[] = [];
/** Stands in for a server that speaks OpenAI's Chat Completions, as a stream. */
const app = new Hono().post("/v1/chat/completions", async (c) => {
  const { stream } = await c.req.json<{ stream?: boolean }>();
  const next = script.shift();
  if (stream) return streamSSE(c, async (sse) => next?.(sse));
  return c.json({
    choices: [{ index: 0, message: { role: "assistant", content: "Whole." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
});
const write = (sse: SSEStreamingApi, content: string) =>
  sse.writeSSE({ data: JSON.stringify({ choices: [{ index: 0, delta: { content } }] }) });
async function end(sse: SSEStreamingApi) {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  await sse.writeSSE({
    data: JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage }),
  });
  await sse.writeSSE({ data: "[DONE]" });
}

let model: Awaited<ReturnType<typeof serveOnLoopback>>;
let cluster: Cluster;
let ingress: (url: string) => string = (url) => url;
const start = () =>
  startCluster("v7", {
    functions: ["agent"],
    settings: (ingressUrl) => ({
      OPENAI_BASE_URL: `${model.url}/v1`,
      OPENAI_API: "chat",
      OPENAI_API_KEY: "k",
      RESTATE_INGRESS_URL: ingress(ingressUrl),
    }),
  });
beforeAll(async () => {
  model = await serveOnLoopback(app);
  cluster = await start();
});
afterAll(async () => {
  await cluster?.stop();
  await model?.stop();
});
beforeEach(() => {
  script = [];
});

const begin = async (events: unknown) => {
  const { body } = await cluster.call("/restate/send/TestAgent/run", { message: "Go.", events });
  return (body as { invocationId: string }).invocationId;
};

test("what the model writes is told while it writes it", async () => {
  const seen = Promise.withResolvers<void>();
  script = [
    async (sse) => {
      await write(sse, "It is ");
      await seen.promise;
      await write(sse, "sunny.");
      await end(sse);
    },
  ];
  const id = await begin("text");
  const events = await watch(cluster, id, ({ type }) => type === "text" && seen.resolve());
  expect(events[0]).toMatchObject({ type: "text", turn: 1, text: "It is ", begins: true, path: [] });
  expect(events.find(({ type }) => type === "turn-ended")).toMatchObject({ text: "It is sunny." });
  expect(events.at(-1)).toMatchObject({ type: "run-ended", answer: "It is sunny." });
});

test("text of a request that is made again does not count: it begins anew", async () => {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  script = [
    async (sse) => {
      await write(sse, "It is going to");
      await first.promise;
    },
    async (sse) => {
      await write(sse, "It will");
      await second.promise;
      await write(sse, " rain.");
      await end(sse);
    },
  ];
  const events = await watch(cluster, await begin("text"), (event) => {
    if (event.type !== "text") return;
    if (event.text === "It is going to") first.resolve();
    if (event.text === "It will") second.resolve();
  });
  const begun = events.filter((event) => event.type === "text" && event.begins);
  expect(begun).toMatchObject([{ text: "It is going to" }, { text: "It will" }]);
  expect(events.at(-1)).toMatchObject({ answer: "It will rain." });
});

test("nothing is asked for as a stream where nobody reads it", async () => {
  expect(await watch(cluster, await begin("calls"))).toContainEqual(
    expect.objectContaining({ type: "run-ended", answer: "Whole." }),
  );
});

test("without the ingress, the run goes on without the text", async () => {
  const usual = cluster;
  ingress = () => "http://127.0.0.1:9";
  cluster = await start();
  try {
    script = [
      async (sse) => {
        await write(sse, "Here ");
        await write(sse, "I am.");
        await end(sse);
      },
    ];
    const events = await watch(cluster, await begin("text"));
    expect(events.filter(({ type }) => type === "text")).toEqual([]);
    expect(events.at(-1)).toMatchObject({ answer: "Here I am." });
    ingress = () => "";
    await cluster.stop();
    cluster = await start();
    const refused = await cluster.call("/restate/call/TestAgent/run", { message: "Go.", events: "text" });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toMatch(/events: .*turns.*calls/);
  } finally {
    await cluster.stop();
    cluster = usual;
  }
});
