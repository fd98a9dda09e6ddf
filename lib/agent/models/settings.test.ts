import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  loadModel,
  PROTOCOLS,
  type Protocol,
  type Provider,
  request,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import type { CallSettings, Message, ModelRequest } from "./seam.ts";
import type { SdkReply } from "./usage.ts";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function send(
  protocol: Protocol,
  settings: CallSettings,
  parts: Partial<ModelRequest> = {},
  name?: string,
) {
  provider.use(answer("Hello."));
  const told: SdkReply["warnings"] = [];
  const model = await loadModel(protocol, provider.url, {
    ...(name !== undefined && { name }),
    onWarnings: (warnings) => told.push(...warnings),
  });
  const reply = await model(request({ ...parts, settings }));
  return { body: provider.requests[0]?.body, told, reply };
}

const SAMPLED = { temperature: 0.2, maxOutputTokens: 300 };

describe("temperature and maxOutputTokens are sent", () => {
  test.each([
    ["OpenAI Responses", "openai/gpt-4.1", { temperature: 0.2, max_output_tokens: 300 }],
    ["OpenAI Chat Completions", "openai/gpt-4.1", { temperature: 0.2, max_tokens: 300 }],
    ["Anthropic Messages", undefined, { temperature: 0.2, max_tokens: 300 }],
    ["Gemini", undefined, { generationConfig: { temperature: 0.2, maxOutputTokens: 300 } }],
    ["Bedrock Converse", undefined, { inferenceConfig: { temperature: 0.2, maxTokens: 300 } }],
  ] as const)("over %s", async (protocol, name, wire) => {
    const { body, told } = await send(protocol, SAMPLED, {}, name);
    expect(body).toMatchObject(wire);
    expect(told).toEqual([]);
  });
});

describe("the effort of reasoning is sent", () => {
  test.each([
    ["OpenAI Responses", undefined, { reasoning: { effort: "low" } }],
    ["OpenAI Chat Completions", undefined, { reasoning_effort: "low" }],
    ["Anthropic Messages", "anthropic/claude-sonnet-4-6", { output_config: { effort: "low" } }],
    ["Anthropic Messages", undefined, { thinking: { type: "enabled", budget_tokens: expect.any(Number) } }],
    ["Gemini", undefined, { generationConfig: { thinkingConfig: { thinkingLevel: "low" } } }],
    [
      "Gemini",
      "google/gemini-2.5-flash",
      { generationConfig: { thinkingConfig: { thinkingBudget: expect.any(Number) } } },
    ],
    [
      "Bedrock Converse",
      undefined,
      { additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: expect.any(Number) } } },
    ],
  ] as const)("over %s to %s", async (protocol, name, wire) => {
    const { body } = await send(protocol, { reasoning: "low" }, { tools: [] }, name);
    expect(body).toMatchObject(wire);
  });
});

describe("a provider's own options are sent to it, and no other's", () => {
  const providerOptions = {
    openai: { promptCacheKey: "of-openai" },
    anthropic: { metadata: { userId: "of-anthropic" } },
    google: { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }] },
    bedrock: { serviceTier: "flex" },
  };
  test.each([
    ["OpenAI Responses", { prompt_cache_key: "of-openai", store: false }],
    ["OpenAI Chat Completions", { prompt_cache_key: "of-openai" }],
    ["Anthropic Messages", { metadata: { user_id: "of-anthropic" } }],
    ["Gemini", { safetySettings: providerOptions.google.safetySettings }],
    ["Bedrock Converse", { serviceTier: { type: "flex" } }],
  ] as const)("over %s", async (protocol, wire) => {
    const { body } = await send(protocol, { providerOptions });
    expect(body).toMatchObject(wire);
    const values = ["of-openai", "of-anthropic", "BLOCK_NONE", "flex"];
    const others = values.filter((one) => !JSON.stringify(wire).includes(one));
    expect(others).toHaveLength(3);
    for (const value of others) expect(JSON.stringify(body)).not.toContain(`"${value}"`);
  });

  test("and what the run decides itself stays", async () => {
    const { body } = await send(
      "Anthropic Messages",
      { providerOptions: { anthropic: { disableParallelToolUse: false } } },
      { parallelToolCalls: false },
    );
    expect(body.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
  });
});

test.each(Object.keys(PROTOCOLS) as Protocol[])(
  "nothing is sent that was not set, over %s",
  async (protocol) => {
    const bare = await send(protocol, {});
    const { body: plain } = await send(protocol, {
      temperature: undefined,
      maxOutputTokens: undefined,
      reasoning: undefined,
      providerOptions: undefined,
      promptCaching: "off",
    });
    expect(plain).toEqual(bare.body);
    for (const field of [
      "temperature",
      "max_output_tokens",
      "reasoning",
      "inferenceConfig",
      "thinkingConfig",
    ])
      expect(plain).not.toHaveProperty(field);
  },
);

test("what a provider does not take is told", async () => {
  const { body, told } = await send("OpenAI Responses", { temperature: 0.2 });
  expect(body).not.toHaveProperty("temperature");
  expect(told).toMatchObject([{ type: "unsupported", feature: "temperature" }]);
});

describe("prompt caching", () => {
  const QUESTION: Message = { role: "user", text: "The weather in Tokyo?" };
  const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
  const results: Message = {
    role: "tool",
    results: [{ id: "call_1", tool: "get_weather", output: { type: "json", value: 18 } }],
  };
  const ephemeral = { cache_control: { type: "ephemeral" } };
  const point = { cachePoint: { type: "default" } };
  const on = { promptCaching: "on" } as const;

  async function conversation(protocol: Protocol): Promise<Message[]> {
    provider.use(calls(TOKYO));
    const reply = await (await loadModel(protocol, provider.url))(request());
    return [QUESTION, { role: "assistant", reply }, results];
  }

  test("Anthropic caches the tools and instructions, and the conversation up to this turn and up to the one before", async () => {
    const { body } = await send("Anthropic Messages", on, {
      messages: await conversation("Anthropic Messages"),
    });
    expect(body.system).toEqual([{ type: "text", text: "Be brief.", ...ephemeral }]);
    expect(body.messages.map(({ content }: { content: object[] }) => content.at(-1))).toEqual([
      { type: "text", text: QUESTION.text, ...ephemeral },
      expect.not.objectContaining(ephemeral),
      expect.objectContaining({ type: "tool_result", ...ephemeral }),
    ]);
  });

  test("Bedrock gets cache points at the same places", async () => {
    const { body } = await send("Bedrock Converse", on, { messages: await conversation("Bedrock Converse") });
    expect(body.system).toEqual([{ text: "Be brief." }, point]);
    expect(body.messages.map(({ content }: { content: object[] }) => content.at(-1))).toEqual([
      point,
      expect.not.objectContaining(point),
      point,
    ]);
  });

  test.each([
    ["the last turn", { toolChoice: "none" } as const],
    ["an agent without tools", { tools: [] }],
  ])("writes nothing that no later turn could read: %s", async (_what, parts) => {
    const { body } = await send("Anthropic Messages", on, parts);
    expect(body.system).toEqual([{ type: "text", text: "Be brief.", ...ephemeral }]);
    expect(JSON.stringify(body.messages)).not.toContain("cache_control");
  });

  test("a model of Bedrock that would refuse a cache point gets none", async () => {
    const { body, told } = await send("Bedrock Converse", on, {}, "bedrock/meta.llama3-1-70b-instruct-v1:0");
    expect(JSON.stringify(body)).not.toContain("cachePoint");
    expect(told).toEqual([]);
  });

  test.each(["OpenAI Responses", "Gemini"] as const)(
    "over %s it happens by itself, and nothing is told",
    async (protocol) => {
      const { body } = await send(protocol, on);
      const { body: off } = await send(protocol, { promptCaching: "off" });
      expect(body).toEqual(off);
    },
  );
});

describe("tokens of the cache are counted, as a part of the input", () => {
  const over: Record<string, [Protocol, object]> = {
    openai: [
      "OpenAI Responses",
      {
        id: "resp_1",
        created_at: 1,
        model: "gpt-5.4",
        status: "completed",
        output: [],
        usage: { input_tokens: 109, input_tokens_details: { cached_tokens: 100 }, output_tokens: 4 },
      },
    ],
    anthropic: [
      "Anthropic Messages",
      {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-haiku-4-5",
        content: [],
        stop_reason: "end_turn",
        usage: {
          input_tokens: 2,
          cache_creation_input_tokens: 7,
          cache_read_input_tokens: 100,
          output_tokens: 4,
        },
      },
    ],
    google: [
      "Gemini",
      {
        candidates: [{ content: { role: "model", parts: [] }, finishReason: "STOP" }],
        usageMetadata: {
          promptTokenCount: 109,
          cachedContentTokenCount: 100,
          candidatesTokenCount: 1,
          thoughtsTokenCount: 3,
        },
      },
    ],
    bedrock: [
      "Bedrock Converse",
      {
        output: { message: { role: "assistant", content: [] } },
        stopReason: "end_turn",
        usage: {
          inputTokens: 2,
          outputTokens: 4,
          totalTokens: 113,
          cacheReadInputTokens: 100,
          cacheWriteInputTokens: 7,
        },
      },
    ],
  };
  test.each(Object.entries(over))("by %s", async (name, [protocol, body]) => {
    provider.use(Response.json(body));
    const { usage } = await (await loadModel(protocol, provider.url))(request());
    expect(usage).toEqual({
      inputTokens: 109,
      outputTokens: 4,
      cacheReadTokens: 100,
      ...(!["openai", "google"].includes(name) && { cacheWriteTokens: 7 }),
    });
  });

  test("and never as more than there was", async () => {
    const usage = { input_tokens: 9, input_tokens_details: { cached_tokens: -5 }, output_tokens: 4 };
    provider.use(Response.json({ ...over.openai?.[1], usage }));
    const reply = await (await loadModel("OpenAI Responses", provider.url))(request());
    expect(reply.usage).toEqual({ inputTokens: 9, outputTokens: 4 });
  });
});
