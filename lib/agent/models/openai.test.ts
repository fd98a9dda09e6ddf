import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  loadModel,
  type Protocol,
  type Provider,
  request,
  type Sent,
  startProvider,
  WEATHER,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import type { Message, ModelReply, ModelRequest } from "./seam.ts";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function ask(protocol: Protocol, reply: Sent, parts?: Partial<ModelRequest>, name?: string) {
  provider.use(reply);
  return await (await loadModel(protocol, provider.url, name ? { name } : {}))(request(parts));
}

const QUESTION: Message = { role: "user", text: "The weather in Tokyo and London?" };
const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
const LONDON = { id: "call_2", name: "get_weather", input: { city: "London" } };
const BROKEN = { id: "call_3", name: "get_weather", input: '{"city": "Par' };

/** The conversation after a turn with these three calls, of which the last two went wrong. */
const afterThree = (reply: ModelReply): Message[] => [
  QUESTION,
  { role: "assistant", reply },
  {
    role: "tool",
    results: [
      { id: "call_1", tool: "get_weather", output: { type: "json", value: { celsius: 18 } } },
      { id: "call_2", tool: "get_weather", output: { type: "error", message: "timeout after 30 s" } },
      { id: "call_3", tool: "get_weather", output: { type: "error", message: "not valid JSON" } },
    ],
  },
];

describe("OpenAI Responses", () => {
  const over = "OpenAI Responses";
  /** A response as OpenAI sends it. @see https://platform.openai.com/docs/api-reference/responses/object */
  const response = (output: object[], rest: object = {}) =>
    Response.json({
      id: "resp_1",
      object: "response",
      created_at: 1_750_000_000,
      model: "gpt-5.4",
      status: "completed",
      error: null,
      incomplete_details: null,
      output,
      usage: { input_tokens: 9, output_tokens: 4, total_tokens: 13 },
      ...rest,
    });
  const incomplete = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } });
  const text = (words: string) => ({
    type: "message",
    id: "msg_1",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: words, annotations: [] }],
  });
  const call = (id: string, args: string) => ({
    type: "function_call",
    id: `fc_${id}`,
    call_id: id,
    name: "get_weather",
    arguments: args,
    status: "completed",
  });

  test("the request carries the instructions, the tools as they are, and asks to store nothing", async () => {
    await ask(over, answer("Hello."));
    const { path, body } = provider.requests[0] ?? {};
    expect(path).toBe("/v1/responses");
    expect(body).toEqual({
      model: "gpt-5.4",
      input: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: [{ type: "input_text", text: QUESTION.text }] },
      ],
      tools: [
        {
          type: "function",
          name: WEATHER.name,
          description: WEATHER.description,
          parameters: WEATHER.inputSchema,
          // Strict schemas would make every field required, also those with defaults.
          strict: false,
        },
      ],
      tool_choice: "auto",
      store: false,
      include: ["reasoning.encrypted_content"],
    });
  });

  test("the results of a turn go back complete, one per call, in order; failures as errors", async () => {
    const reply = await ask(over, { ...calls(TOKYO, LONDON, BROKEN), content: "Let me look." } as Sent);
    await ask(over, answer("Done."), { messages: afterThree(reply) });
    const { input, store } = provider.requests[0]?.body ?? {};
    expect(store).toBe(false);
    // No ids of calls or messages: nothing is stored that they could refer to.
    expect(input.slice(2)).toEqual([
      expect.objectContaining({ type: "reasoning", encrypted_content: expect.any(String) }),
      { role: "assistant", content: "Let me look." },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Tokyo"}' },
      { type: "function_call", call_id: "call_2", name: "get_weather", arguments: '{"city":"London"}' },
      { type: "function_call", call_id: "call_3", name: "get_weather", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: '{"celsius":18}' },
      { type: "function_call_output", call_id: "call_2", output: '{"error":"timeout after 30 s"}' },
      { type: "function_call_output", call_id: "call_3", output: '{"error":"not valid JSON"}' },
    ]);
  });

  const reasoning = (id: string, encrypted_content: string | null) => ({
    type: "reasoning",
    id,
    summary: [],
    encrypted_content,
  });

  test("reasoning goes back with its encrypted content, and not at all without it", async () => {
    const output = [
      reasoning("rs_kept", "opaque"),
      reasoning("rs_stored", null),
      call("call_1", '{"city":"Tokyo"}'),
    ];
    const reply = JSON.parse(JSON.stringify(await ask(over, response(output))));
    const results = [{ id: "call_1", tool: "get_weather", output: { type: "json", value: 18 } as const }];
    await ask(over, answer("Done."), {
      messages: [QUESTION, { role: "assistant", reply }, { role: "tool", results }],
    });
    const { input } = provider.requests[0]?.body ?? {};
    expect(input.slice(2)).toEqual([
      { type: "reasoning", id: "rs_kept", summary: [], encrypted_content: "opaque" },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Tokyo"}' },
      { type: "function_call_output", call_id: "call_1", output: "18" },
    ]);
  });

  test("a reply that its length limit cut says so, and half a call is raw text", async () => {
    const reply = await ask(
      over,
      response([text("Let me"), call("call_1", '{"city":"Tokyo"}'), call("call_2", '{"city":"Lon')], {
        ...incomplete("max_output_tokens"),
      }),
    );
    expect(reply).toMatchObject({ text: "Let me", finishReason: "length" });
    expect(reply.calls.map(({ input }) => input)).toEqual([{ city: "Tokyo" }, '{"city":"Lon']);
  });

  test.each([
    ["a content filter", [text("I c")], incomplete("content_filter"), "I c"],
    [
      "a refusal",
      [{ ...text(""), content: [{ type: "refusal", refusal: "I will not." }] }],
      {},
      "I will not.",
    ],
  ])("%s ends a reply as such", async (_what, output, rest, said) => {
    const reply = await ask(over, response(output, rest));
    expect(reply).toMatchObject({ text: said, calls: [], finishReason: "content-filter" });
  });

  test("a reply without any output is empty", async () => {
    expect(await ask(over, response([]))).toMatchObject({ text: "", calls: [], finishReason: "stop" });
  });

  test.each([
    ["OpenAI's form", { code: "server_error", message: "It broke." }],
    ["the form that the SDK knows", { code: "server_error", type: "error", message: "It broke." }],
  ])("a response that says in %s that it failed is retryable", async (_form, error) => {
    await expect(ask(over, response([], { status: "failed", error }))).rejects.toMatchObject({
      name: "ModelError",
      message: "The model openai/gpt-5.4 failed: It broke.",
      retryable: true,
    });
  });
});

describe("OpenAI Chat Completions", () => {
  const over = "OpenAI Chat Completions";
  /** A completion as OpenAI sends it. @see https://platform.openai.com/docs/api-reference/chat/object */
  const completion = (finish_reason: string, message: object) =>
    Response.json({
      id: "chatcmpl_1",
      object: "chat.completion",
      created: 1_750_000_000,
      model: "gpt-5.4",
      choices: [{ index: 0, finish_reason, message: { role: "assistant", content: null, ...message } }],
      usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    });

  test("the request carries the instructions and the tools as they are", async () => {
    await ask(over, answer("Hello."));
    const { path, body } = provider.requests[0] ?? {};
    expect(path).toBe("/v1/chat/completions");
    const { name, description, inputSchema } = WEATHER;
    expect(body).toEqual({
      model: "gpt-5.4",
      messages: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: QUESTION.text },
      ],
      tools: [{ type: "function", function: { name, description, parameters: inputSchema } }],
      tool_choice: "auto",
    });
  });

  test("a model that OpenAI does not know gets the instructions as any server reads them", async () => {
    await ask(over, answer("Hello."), {}, "openai/qwen3");
    expect(provider.requests[0]?.body.messages[0]).toEqual({ role: "system", content: "Be brief." });
  });

  test("OpenAI itself is asked to store nothing", async () => {
    const bodies: string[] = [];
    vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
      bodies.push(body);
      throw new Error("not in a test");
    });
    await expect((await loadModel(over, ""))(request())).rejects.toThrow();
    vi.unstubAllGlobals();
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ store: false });
  });

  test("the results of a turn go back complete, one per call, in order; failures as errors", async () => {
    const reply = await ask(over, { ...calls(TOKYO, LONDON, BROKEN), content: "Let me look." } as Sent);
    await ask(over, answer("Done."), { messages: afterThree(reply) });
    const called = (id: string, args: string) => ({
      id,
      type: "function",
      function: { name: "get_weather", arguments: args },
    });
    expect(provider.requests[0]?.body.messages.slice(2)).toEqual([
      {
        role: "assistant",
        content: "Let me look.",
        tool_calls: [
          called("call_1", '{"city":"Tokyo"}'),
          called("call_2", '{"city":"London"}'),
          called("call_3", "{}"),
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: '{"celsius":18}' },
      { role: "tool", tool_call_id: "call_2", content: '{"error":"timeout after 30 s"}' },
      { role: "tool", tool_call_id: "call_3", content: '{"error":"not valid JSON"}' },
    ]);
  });

  test("a reply that its length limit cut says so, and half a call is raw text", async () => {
    const reply = await ask(over, { ...calls(TOKYO, BROKEN), finishReason: "length" } as Sent);
    expect(reply.finishReason).toBe("length");
    expect(reply.calls.map(({ input }) => input)).toEqual([{ city: "Tokyo" }, '{"city": "Par']);
  });

  test.each([
    ["a content filter", "content_filter", { content: "I c" }, "I c"],
    ["a refusal", "stop", { refusal: "I will not." }, "I will not."],
  ])("%s ends a reply as such", async (_what, finishReason, message, said) => {
    const reply = await ask(over, completion(finishReason, message));
    expect(reply).toMatchObject({ text: said, calls: [], finishReason: "content-filter" });
  });

  test("a reply without a choice is retryable", async () => {
    const none = Response.json({ id: "x", object: "chat.completion", created: 1, model: "m", choices: [] });
    await expect(ask(over, none)).rejects.toMatchObject({ name: "ModelError", retryable: true });
  });
});

describe.each(["OpenAI Responses", "OpenAI Chat Completions"] as const)("over %s", (over) => {
  test("malformed arguments arrive as the raw text", async () => {
    const reply = await ask(over, calls(BROKEN, { ...TOKYO, input: "" }));
    // Models write nothing at all where a tool needs no arguments.
    expect(reply.calls.map(({ input }) => input)).toEqual(['{"city": "Par', {}]);
  });

  test('tool choice "none" forbids tools, which stay offered for the calls that were made', async () => {
    await ask(over, answer("Hello."), { toolChoice: "none" });
    expect(provider.requests[0]?.body).toMatchObject({ tool_choice: "none", tools: [{}] });
  });

  test("parallel calls can be forbidden", async () => {
    await ask(over, answer("Hello."), { parallelToolCalls: false });
    expect(provider.requests[0]?.body).toMatchObject({ parallel_tool_calls: false });
  });

  test("a request without tools says nothing about them", async () => {
    await ask(over, answer("Hello."), { tools: [], parallelToolCalls: false });
    for (const field of ["tools", "tool_choice", "parallel_tool_calls"])
      expect(provider.requests[0]?.body).not.toHaveProperty(field);
  });
});

test("a value of OPENAI_API that is no protocol is refused", async () => {
  const settings = { OPENAI_API: "completions" };
  await expect(loadModel("OpenAI Responses", provider.url, { settings })).rejects.toMatchObject({
    name: "ModelError",
    message: 'OPENAI_API: expected "responses" or "chat", got "completions"',
    retryable: false,
  });
});
