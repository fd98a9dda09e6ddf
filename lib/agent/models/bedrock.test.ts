import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  loadModel,
  type Provider,
  request,
  type Sent,
  startProvider,
  WEATHER,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import type { Message, ModelRequest } from "./seam.ts";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function ask(reply: Sent, parts?: Partial<ModelRequest>, name?: string) {
  provider.use(reply);
  return await (await loadModel("Bedrock Converse", provider.url, name ? { name } : {}))(request(parts));
}

/** A reply as Bedrock sends it. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const converse = (stopReason: string, content: object[], usage: object = {}) =>
  Response.json({
    output: { message: { role: "assistant", content } },
    stopReason,
    usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13, ...usage },
    metrics: { latencyMs: 1 },
  });
const toolUse = (toolUseId: string, input: unknown) => ({
  toolUse: { toolUseId, name: "get_weather", input },
});
const toolSpec = {
  name: WEATHER.name,
  description: WEATHER.description,
  inputSchema: { json: WEATHER.inputSchema },
};

const QUESTION: Message = { role: "user", text: "The weather in Tokyo and London?" };
const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
const LONDON = { id: "call_2", name: "get_weather", input: { city: "London" } };
const RESULTS: Message = {
  role: "tool",
  results: [
    { id: "call_1", tool: "get_weather", output: { type: "json", value: { celsius: 18 } } },
    { id: "call_2", tool: "get_weather", output: { type: "error", message: "timeout after 30 s" } },
  ],
};

describe("a request", () => {
  test("carries the instructions and the tools as they are, and is signed for Bedrock in the function's region", async () => {
    await ask(answer("Hello."));
    const { path, headers, body } = provider.requests[0] ?? {};
    expect(decodeURIComponent(path ?? "")).toBe("/model/anthropic.claude-haiku-4-5-20251001-v1:0/converse");
    expect(headers?.get("authorization")).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/bedrock\/aws4_request, /,
    );
    expect(headers?.has("x-amz-security-token")).toBe(false);
    expect(body).toEqual({
      system: [{ text: "Be brief." }],
      messages: [{ role: "user", content: [{ text: QUESTION.text }] }],
      toolConfig: { tools: [{ toolSpec }], toolChoice: { auto: {} } },
      additionalModelResponseFieldPaths: ["/delta/stop_sequence"],
    });
  });

  test("carries the session token of temporary credentials, and no bearer token of the environment", async () => {
    provider.use(answer("Hello."));
    const settings = { AWS_SESSION_TOKEN: "of-the-role" };
    await (await loadModel("Bedrock Converse", provider.url, { settings }))(request());
    expect(provider.requests[0]?.headers.get("x-amz-security-token")).toBe("of-the-role");
  });

  test("can forbid parallel calls of a Claude model", async () => {
    await ask(answer("Hello."), { parallelToolCalls: false });
    const { toolConfig, additionalModelRequestFields } = provider.requests[0]?.body ?? {};
    expect(toolConfig).toEqual({ tools: [{ toolSpec }] });
    expect(additionalModelRequestFields).toEqual({
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
  });

  test("says nothing about parallel calls to another model, which has no field for it", async () => {
    await ask(answer("Hello."), { parallelToolCalls: false }, "bedrock/amazon.nova-pro-v1:0");
    const { toolConfig, ...body } = provider.requests[0]?.body ?? {};
    expect(toolConfig.toolChoice).toEqual({ auto: {} });
    expect(body).not.toHaveProperty("additionalModelRequestFields");
  });

  test.each([{ parallelToolCalls: true }, { parallelToolCalls: false }])(
    "without tools says nothing about them: %j",
    async (parts) => {
      await ask(answer("Hello."), { tools: [], ...parts });
      for (const field of ["toolConfig", "additionalModelRequestFields"])
        expect(provider.requests[0]?.body).not.toHaveProperty(field);
    },
  );

  test("brings the results of a turn back in one message, one per call, in order", async () => {
    const reply = await ask({ ...calls(TOKYO, LONDON), content: "Let me look." } as Sent);
    await ask(answer("Done."), { messages: [QUESTION, { role: "assistant", reply }, RESULTS] });
    expect(provider.requests[0]?.body.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          { text: "Let me look." },
          toolUse("call_1", { city: "Tokyo" }),
          toolUse("call_2", { city: "London" }),
        ],
      },
      {
        role: "user",
        content: [
          { toolResult: { toolUseId: "call_1", content: [{ text: '{"celsius":18}' }] } },
          { toolResult: { toolUseId: "call_2", content: [{ text: "timeout after 30 s" }] } },
        ],
      },
    ]);
  });

  test('with tool choice "none" offers no tools and tells the calls and results in words, of which none is lost', async () => {
    const reply = await ask({ ...calls(TOKYO, LONDON), content: "Let me look." } as Sent);
    await ask(answer("Done."), {
      toolChoice: "none",
      messages: [QUESTION, { role: "assistant", reply: JSON.parse(JSON.stringify(reply)) }, RESULTS],
    });
    const { messages, ...body } = provider.requests[0]?.body ?? {};
    expect(body).not.toHaveProperty("toolConfig");
    expect(messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          {
            text: 'Let me look.\nCall call_1: get_weather {"city":"Tokyo"}\nCall call_2: get_weather {"city":"London"}',
          },
        ],
      },
      {
        role: "user",
        content: [
          {
            text: 'Result of call call_1, get_weather: {"celsius":18}\nCall call_2, get_weather, failed: timeout after 30 s',
          },
        ],
      },
    ]);
  });

  test("brings thinking back with its signature", async () => {
    const thinking = { reasoningContent: { reasoningText: { text: "Tokyo first.", signature: "signed" } } };
    const reply = await ask(converse("tool_use", [thinking, toolUse("call_1", { city: "Tokyo" })]));
    const results = [{ id: "call_1", tool: "get_weather", output: { type: "json", value: 18 } as const }];
    await ask(answer("Done."), {
      messages: [
        QUESTION,
        { role: "assistant", reply: JSON.parse(JSON.stringify(reply)) },
        { role: "tool", results },
      ],
    });
    expect(provider.requests[0]?.body.messages[1].content).toEqual([
      thinking,
      toolUse("call_1", { city: "Tokyo" }),
    ]);
  });
});

describe("a reply", () => {
  test("may have arguments that are no object, and goes back as a conversation all the same", async () => {
    const reply = await ask(
      converse("tool_use", [toolUse("call_1", "Tokyo"), toolUse("call_2", ["London"])]),
    );
    expect(reply.calls.map(({ input }) => input)).toEqual(["Tokyo", ["London"]]);
    await ask(answer("Done."), { messages: [QUESTION, { role: "assistant", reply }, RESULTS] });
    const [, assistant] = provider.requests[0]?.body.messages ?? [];
    // Bedrock takes objects only.
    for (const { toolUse: sent } of assistant.content)
      expect(sent.input).toEqual({ rawInvalidInput: expect.anything() });
  });

  test("that its length limit cut says so", async () => {
    const reply = await ask(converse("max_tokens", [{ text: "It is su" }]));
    expect(reply).toMatchObject({ text: "It is su", calls: [], finishReason: "length" });
  });

  test("that ends in a cut call does not pass it off as a whole one", async () => {
    const cut = converse("max_tokens", [
      toolUse("call_1", { city: "Tokyo" }),
      toolUse("call_2", { city: "Lon" }),
    ]);
    expect((await ask(cut)).calls.map(({ input }) => input)).toEqual([{ city: "Tokyo" }, '{"city":"Lon"']);
  });

  test.each(["content_filtered", "guardrail_intervened"])(
    "that was stopped is a content filter's: %s",
    async (reason) => {
      const reply = await ask(converse(reason, [{ text: "I c" }]));
      expect(reply).toMatchObject({ text: "I c", calls: [], finishReason: "content-filter" });
    },
  );

  test("may have no content at all", async () => {
    expect(await ask(converse("end_turn", []))).toMatchObject({ text: "", calls: [], finishReason: "stop" });
  });

  test("counts what was read from the provider's cache as input", async () => {
    const cached = converse("end_turn", [{ text: "Hello." }], { cacheReadInputTokens: 100 });
    expect((await ask(cached)).usage).toEqual({
      inputTokens: 109,
      cacheReadTokens: 100,
      outputTokens: 4,
    });
  });
});

test.each(["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
  "a function without %s is an error that names it",
  async (name) => {
    const settings = { [name]: "" };
    await expect(loadModel("Bedrock Converse", provider.url, { settings })).rejects.toMatchObject({
      name: "ModelError",
      message: `Bedrock needs AWS credentials: ${name} has no value`,
      retryable: false,
    });
  },
);
