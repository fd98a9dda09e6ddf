import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText } from "ai";
import getPort from "get-port";
import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connectToRoutes } from "../lib/client/index.ts";
import { type Loopback, serveOnLoopback } from "../lib/sandbox/index.ts";
import { bearerKeys, createRoutes, type RoutesOptions } from "../lib/server/index.ts";
import { asked } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const KEY = "anns-long-random-key";
const gate = (id: string) => ({ id, name: "gate", input: { id } });
const PNG = "iVBORw0KGgo=";

let cluster: Cluster;
let url: string;
const servers: Loopback[] = [];
beforeAll(async () => {
  cluster = await startWarmCluster("v7", { settings: { OPENAI_API: "chat" } });
  url = await serveRoutes();
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await cluster?.stop();
});
beforeEach(() => cluster.gate.use(() => {}));

async function serveRoutes(options: Partial<RoutesOptions> = {}): Promise<string> {
  const { ingressUrl, adminUrl } = cluster.restate;
  const app = createRoutes({
    restate: { ingressUrl, adminUrl },
    agents: [{ name: "TestAgent" }],
    authorize: bearerKeys({ [KEY]: "ann" }),
    secret: "the same on every server",
    chatCompletions: true,
    ...options,
  });
  const server = await serveOnLoopback(app);
  servers.push(server);
  return server.url;
}

/** Sends a key of its own with each call, the same when it is repeated. */
class Client extends OpenAI {
  protected override idempotencyHeader = "Idempotency-Key";
}
const clientOf = (at = url, apiKey = KEY) => new Client({ baseURL: `${at}/v1`, apiKey });
const user = (content: OpenAI.ChatCompletionUserMessageParam["content"]) => ({
  role: "user" as const,
  content,
});
const go = { model: "TestAgent", messages: [user("Go.")] };

test("agents are models", async () => {
  const { models } = clientOf();
  const listed = [];
  for await (const { id } of models.list()) listed.push(id);
  expect(listed).toEqual(["TestAgent"]);
  expect(await models.retrieve("TestAgent")).toMatchObject({ id: "TestAgent", object: "model" });
  await expect(models.retrieve("Nobody")).rejects.toThrow(OpenAI.NotFoundError);
});

test("an agent answers when its run has ended, by an id that the other routes know", async () => {
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const { data, response, request_id } = await clientOf().chat.completions.create(go).withResponse();
  expect(data).toMatchObject({
    object: "chat.completion",
    model: "TestAgent",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Done." } }],
  });
  expect(data.choices[0]?.message.tool_calls).toBeUndefined();
  expect(response.headers.get("x-fanout-run")).toBe(data.id);
  expect(request_id).toBe(data.id);
  const status = await fetch(`${url}/runs/${data.id}`, { headers: { authorization: `Bearer ${KEY}` } });
  const { output } = (await status.json()) as { output: { usage: Record<string, number> } };
  expect(data.usage).toMatchObject({
    prompt_tokens: output.usage.inputTokens,
    completion_tokens: output.usage.outputTokens,
    total_tokens: (output.usage.inputTokens ?? 0) + (output.usage.outputTokens ?? 0),
  });
  expect(data.usage?.total_tokens).toBeGreaterThan(0);
});

test("a stream has each turn's text when it is known, while the calls of that turn run", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies({ content: "I look.", ...calls(gate("a")) }, answer("Done.")));
  const stream = await clientOf().chat.completions.create({
    ...go,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    text += chunk.choices[0]?.delta.content ?? "";
    if (text === "I look.") cluster.gate.open();
  }
  expect(text).toBe("I look.\n\nDone.");
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
});

test("the openai package puts a stream together", async () => {
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const runner = clientOf().chat.completions.stream(go);
  expect(await runner.finalContent()).toBe("Done.");
});

test("what was said before reaches the model: words, calls, results and images", async () => {
  await cluster.use(() => answer("Again."));
  await clientOf().chat.completions.create({
    model: "TestAgent",
    messages: [
      { role: "system", content: "Be brief." },
      user([
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      ]),
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "c1", type: "function", function: { name: "gate", arguments: '{"id":"x"}' } },
          { id: "c2", type: "function", function: { name: "gate", arguments: '{"id":"y"}' } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: '{"seen":"x"}' },
      { role: "tool", tool_call_id: "c2", content: "not JSON" },
      { role: "assistant", content: "A dot." },
      user("Sure?"),
    ],
  });
  const said = cluster.modelRequests.at(-1)?.messages.filter(({ role }) => role !== "system") ?? [];
  expect(said.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "assistant", "user"]);
  expect(JSON.stringify(said[0]?.content)).toContain("Be brief.\\n\\nWhat is this?");
  expect(JSON.stringify(said[0]?.content)).toContain(`data:image/png;base64,${PNG}`);
  expect(
    said.flatMap(({ tool_calls = [] }) => tool_calls).map(({ id, function: { name } }) => [id, name]),
  ).toEqual([
    ["c1", "gate"],
    ["c2", "gate"],
  ]);
  expect(said[2]?.content).toContain('"seen":"x"');
  expect(said[3]?.content).toContain("not JSON");
  expect(JSON.stringify(said[5]?.content)).toContain("Sure?");
});

test.each([
  ["a wrong key", go, OpenAI.AuthenticationError, { code: "invalid_api_key" }, "someone-elses-key"],
  ["an unknown model", { ...go, model: "gpt-5" }, OpenAI.NotFoundError, { param: "model" }],
  ["tools of its own", { ...go, tools: [{}] }, OpenAI.BadRequestError, { param: "tools" }],
  ["a parameter that nobody knows", { ...go, wings: 2 }, OpenAI.BadRequestError, { param: "wings" }],
  [
    "what the agent itself refuses",
    { ...go, messages: [{ role: "assistant", content: "Hi." }, user("Go.")] },
    OpenAI.BadRequestError,
    { param: "messages" },
  ],
])("%s is an error of the right class, as a stream too", async (_, body, expected, facts, key = KEY) => {
  for (const stream of [false, true]) {
    const asking = clientOf(url, key).chat.completions.create({ ...body, stream } as never);
    await expect(asking).rejects.toThrow(expected as never);
    await expect(asking).rejects.toMatchObject(facts);
  }
});

test("a run that fails is an error that no client repeats", async () => {
  await cluster.use(() => ({ error: { message: "No.", type: "x" }, status: 401 }));
  const before = cluster.modelRequests.length;
  for (const stream of [false, true]) {
    const asking = new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY }).chat.completions.create({
      ...go,
      stream,
    });
    const failing = asking.then(async (all) => {
      if (Symbol.asyncIterator in all) for await (const _ of all);
    });
    await expect(failing).rejects.toMatchObject({ code: "run_failed", type: "run_error" });
  }
  expect(cluster.modelRequests.length - before).toBe(2);
});

test("too many runs are refused until the client's next try", async () => {
  await cluster.use(() => answer("Done."));
  const limited = await serveRoutes({ bounds: { runsPerMinute: 1 } });
  await clientOf(limited).chat.completions.create(go);
  await expect(clientOf(limited).chat.completions.create(go, { maxRetries: 0 })).rejects.toThrow(
    OpenAI.RateLimitError,
  );
});

test("the same key gets the same answer, and begins one run", async () => {
  await cluster.use(replies(answer("Once.")));
  const ask = (stream: boolean) =>
    clientOf().chat.completions.create({ ...go, stream }, { idempotencyKey: "once" });
  const first = (await ask(false)) as OpenAI.ChatCompletion;
  const again = (await ask(false)) as OpenAI.ChatCompletion;
  expect(again.id).toBe(first.id);
  let text = "";
  for await (const chunk of (await ask(true)) as AsyncIterable<OpenAI.ChatCompletionChunk>)
    text += chunk.choices[0]?.delta.content ?? "";
  expect(text).toBe("Once.");
  expect(cluster.invocations("agent")).toBe(1);
  expect(cluster.modelRequests).toHaveLength(1);
});

test("a client that goes away cancels nothing", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a")), answer("Late.")));
  const stream = await clientOf().chat.completions.create({ ...go, stream: true });
  const { value } = await stream[Symbol.asyncIterator]().next();
  stream.controller.abort();
  cluster.gate.open();
  expect(await cluster.outcome(value.id.split(".")[0])).toMatchObject({ answer: "Late." });
});

test("an answer waits for an approval, which is given by the id that came with its first byte", async () => {
  const guarded = { id: "g", name: "guarded", input: { id: "g", amount: 1 } };
  await cluster.use(replies(calls(guarded), answer("Done.")));
  const { data, response } = await clientOf()
    .chat.completions.create({ ...go, stream: true })
    .withResponse();
  const id = response.headers.get("x-fanout-run") ?? "";
  await asked(cluster, id.split(".")[0] ?? "", 1);
  const ann = connectToRoutes({ url, token: KEY }).agent("TestAgent");
  const [open] = await ann.approvals(id);
  await ann.answer(id, open?.approval ?? "", { approve: true });
  let text = "";
  for await (const { choices } of data) text += choices[0]?.delta.content ?? "";
  expect(text).toBe("Done.");
});

test("an answer that lasts for too long says where it will be", async () => {
  const short = await serveRoutes({ bounds: { streamSeconds: 1 } });
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a")), answer("Late.")));
  const asking = clientOf(short).chat.completions.create({ ...go, stream: true });
  const reading = asking.then(async (stream) => {
    for await (const _ of stream);
  });
  await expect(reading).rejects.toMatchObject({ code: "still_running" });
  const whole = (await clientOf(short).chat.completions.create(go)) as unknown as { error: unknown };
  expect(whole.error).toMatchObject({
    code: "still_running",
    message: expect.stringContaining("GET /runs/inv_"),
  });
  cluster.gate.open();
});

test("AI SDK's client asks and reads", async () => {
  const model = createOpenAI({ baseURL: `${url}/v1`, apiKey: KEY }).chat("TestAgent");
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const { text, finishReason, usage } = await generateText({ model, system: "Be brief.", prompt: "Go." });
  expect({ text, finishReason }).toEqual({ text: "Done.", finishReason: "stop" });
  expect(usage.totalTokens).toBeGreaterThan(0);
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const streamed = streamText({ model, prompt: "Go." });
  expect(await streamed.text).toBe("Done.");
  expect((await streamed.usage).totalTokens).toBeGreaterThan(0);
});

test("a client that lost its server asks the next one, and gets the answer of the same run", async () => {
  const port = await getPort();
  const { ingressUrl, adminUrl } = cluster.restate;
  const start = async (): Promise<ChildProcess> => {
    const program = join(import.meta.dirname, "support/routes-program.ts");
    const child = fork(program, [String(port), ingressUrl, adminUrl]);
    await once(child, "message");
    return child;
  };
  let server = await start();
  try {
    const arrived = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => {
      arrived.resolve();
      return open.promise;
    });
    await cluster.use(replies(calls(gate("a")), answer("Once.")));
    const asking = clientOf(`http://127.0.0.1:${port}`).chat.completions.create(go, { maxRetries: 5 });
    await arrived.promise;
    const died = once(server, "exit");
    server.kill("SIGKILL");
    await died;
    server = await start();
    open.resolve();
    expect((await asking).choices[0]?.message.content).toBe("Once.");
    expect(cluster.gate.history).toEqual(["arrived a", "left a"]);
    expect(cluster.modelRequests).toHaveLength(2);
  } finally {
    server.kill("SIGKILL");
  }
});

describe("where the deployment tells what a model writes", () => {
  /** What the model does with each request, in turn. */
  let script: ((stream: SSEStreamingApi) => Promise<void>)[] = [];
  let model: Loopback;
  let live: Cluster;
  beforeAll(async () => {
    const app = new Hono().post("/v1/chat/completions", (c) =>
      streamSSE(c, async (sse) => script.shift()?.(sse)),
    );
    model = await serveOnLoopback(app);
    live = await startWarmCluster("v7", {
      settings: (ingressUrl) => ({
        OPENAI_BASE_URL: `${model.url}/v1`,
        OPENAI_API: "chat",
        OPENAI_API_KEY: "k",
        RESTATE_INGRESS_URL: ingressUrl,
      }),
    });
  });
  afterAll(async () => {
    await live?.stop();
    await model?.stop();
  });

  const write = (sse: SSEStreamingApi, content: string) =>
    sse.writeSSE({ data: JSON.stringify({ choices: [{ index: 0, delta: { content } }] }) });
  async function end(sse: SSEStreamingApi) {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const choices = [{ index: 0, delta: {}, finish_reason: "stop" }];
    await sse.writeSSE({ data: JSON.stringify({ choices, usage }) });
    await sse.writeSSE({ data: "[DONE]" });
  }
  /** Reads all of an answer. @param onText gets what there is so far. */
  async function read(onText: (text: string) => void): Promise<string> {
    const { ingressUrl } = live.restate;
    const at = await serveRoutes({ restate: { ingressUrl }, chatCompletions: { liveText: true } });
    let text = "";
    for await (const { choices } of await clientOf(at).chat.completions.create({ ...go, stream: true })) {
      text += choices[0]?.delta.content ?? "";
      onText(text);
    }
    return text;
  }

  test("a stream has it while the model writes it", async () => {
    const seen = Promise.withResolvers<void>();
    script = [
      async (sse) => {
        await write(sse, "It is ");
        await seen.promise;
        await write(sse, "sunny.");
        await end(sse);
      },
    ];
    expect(await read((text) => text === "It is " && seen.resolve())).toBe("It is sunny.");
  });

  test("a text that the model had to begin again is marked, because nothing can be taken back", async () => {
    const seen = Promise.withResolvers<void>();
    script = [
      async (sse) => {
        await write(sse, "It is going to");
        await seen.promise;
      },
      async (sse) => {
        await write(sse, "It will rain.");
        await end(sse);
      },
    ];
    expect(await read((text) => text === "It is going to" && seen.resolve())).toBe(
      "It is going to\n\n[This was cut off. It begins again:]\n\nIt will rain.",
    );
  });
});
