import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogle } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, jsonSchema, type ModelMessage, tool } from "ai";
import { afterEach, describe, expect, test } from "vitest";
import { defineStandIn, type ModelScript, type Sandbox, startSandbox } from "./index.ts";
import { MODEL_PROVIDERS } from "./upstream.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

const weather = defineStandIn({
  words: {
    example: "The weather in New York",
    find: (words) =>
      [...words.matchAll(/San Francisco|New York/g)].map(({ 0: city, index: at }) => ({
        at,
        length: city.length,
        input: { city },
      })),
    say: ({ city }, output) => `${city} says ${JSON.stringify(output)}`,
  },
});

const start = async (model?: ModelScript) => {
  const faults = Object.fromEntries(MODEL_PROVIDERS.map((name) => [name, { latencyMs: 0 }]));
  sandbox = await startSandbox({
    standIns: { get_weather: weather },
    faults,
    ...(model && { model }),
  });
};
const protocols = {
  "OpenAI Responses": () => openai().responses("gpt-5.4"),
  "OpenAI Chat Completions": () => openai().chat("gpt-5.4"),
  "Anthropic Messages": () =>
    createAnthropic({ apiKey: "k", baseURL: sandbox.environment.models.ANTHROPIC_BASE_URL })(
      "claude-haiku-4-5",
    ),
  Gemini: () =>
    createGoogle({ apiKey: "k", baseURL: `${sandbox.environment.models.GEMINI_BASE_URL}/v1beta` })(
      "gemini-3.5-flash",
    ),
  "Bedrock Converse": () =>
    createAmazonBedrock({
      ...{ region: "us-east-1", accessKeyId: "k", secretAccessKey: "k" },
      baseURL: sandbox.environment.models.BEDROCK_BASE_URL ?? "",
    })("anthropic.claude-haiku-4-5-20251001-v1:0"),
};
const openai = () => createOpenAI({ apiKey: "k", baseURL: sandbox.environment.models.OPENAI_BASE_URL });

const tools = {
  get_weather: tool({
    description: "Weather.",
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
  }),
};
const user: ModelMessage = { role: "user", content: "What is the weather in San Francisco and New York?" };

describe.each(Object.entries(protocols))("over %s", (_protocol, model) => {
  test("the planner asks for all calls, then answers from the results", async () => {
    await start();
    const first = await generateText({ model: model(), tools, messages: [user], maxRetries: 0 });
    expect(first.finishReason).toBe("tool-calls");
    expect(first.toolCalls.map(({ input }) => input)).toEqual([
      { city: "San Francisco" },
      { city: "New York" },
    ]);
    expect(first.usage.inputTokens).toBeGreaterThan(20);

    const results: ModelMessage = {
      role: "tool",
      content: first.toolCalls.map(({ toolCallId, toolName }, n) => ({
        type: "tool-result",
        toolCallId,
        toolName,
        output:
          n === 0
            ? {
                type: "json",
                value: { celsius: 14, sky: "fog" },
              }
            : { type: "error-text", value: "timeout after 30 s" },
      })),
    };
    const messages = [user, ...first.responseMessages, results];
    const second = await generateText({ model: model(), tools, messages, maxRetries: 0 });
    expect(second.finishReason).toBe("stop");
    expect(second.text).toContain('San Francisco says {"celsius":14,"sky":"fog"}');
    expect(second.text).toContain('get_weather({"city":"New York"}) failed: timeout after 30 s');
    expect(second.text).toContain("offline sandbox model");
  });

  test("the planner calls nothing if calls are forbidden", async () => {
    await start();
    const options = { model: model(), messages: [user], maxRetries: 0 };
    const { toolCalls, text } = await generateText({ ...options, tools, toolChoice: "none" });
    expect(toolCalls).toEqual([]);
    expect(text).toContain("offline sandbox model");
  });

  test.each([
    ["content_filter", "content-filter"],
    ["length", "length"],
  ])("a script can end a reply early: %s", async (scripted, finishReason) => {
    await start(() => ({ content: "I c", finishReason: scripted }));
    const reply = await generateText({ model: model(), messages: [user], maxRetries: 0 });
    expect(reply).toMatchObject({ text: "I c", finishReason });
  });

  test("a script replaces the planner", async () => {
    const seen: string[] = [];
    await start(({ messages }) => {
      seen.push(String(messages.at(-1)?.content));
      return seen.length === 1
        ? { error: { message: "slow down" }, status: 429, retryAfter: 3 }
        : { content: "scripted" };
    });
    const ask = () => generateText({ model: model(), messages: [user], maxRetries: 0 });
    await expect(ask()).rejects.toMatchObject({ statusCode: 429, responseHeaders: { "retry-after": "3" } });
    expect((await ask()).text).toBe("scripted");
    expect(seen).toEqual([user.content, user.content]);
  });
});

describe("Google's own client", () => {
  /** As it asks: with types in capitals, and results as they are. @see https://ai.google.dev/api/generate-content */
  const ask = async (method: string, ...later: object[]) => {
    const response = await fetch(
      `${sandbox.environment.models.GEMINI_BASE_URL}/v1beta/models/gemini-3.5-flash:${method}`,
      {
        method: "POST",
        headers: { "content-type": "application/json", "x-goog-api-key": "k" },
        body: JSON.stringify({
          contents: [{ role: "user", parts: [{ text: "roll_dice 20 sides" }] }, ...later],
          tools: [{ functionDeclarations: [{ name: "roll_dice", description: "Dice.", parameters }] }],
        }),
      },
    );
    const text = await response.text();
    return method === "generateContent"
      ? [JSON.parse(text)]
      : text.match(/(?<=^data: ).+$/gm)?.map((event) => JSON.parse(event));
  };
  const parameters = { type: "OBJECT", properties: { sides: { type: "INTEGER" } }, required: ["sides"] };
  const call = { functionCall: { name: "roll_dice", args: { sides: 20 } } };

  test.each(["generateContent", "streamGenerateContent?alt=sse"])("is answered by %s", async (method) => {
    await start();
    const asked = await ask(method);
    expect(asked?.at(-1).candidates).toMatchObject([{ content: { parts: [call] }, finishReason: "STOP" }]);
    const answered = await ask(
      method,
      { role: "model", parts: [call] },
      { role: "user", parts: [{ functionResponse: { name: "roll_dice", response: { total: 17 } } }] },
    );
    const words = answered?.flatMap(({ candidates: [{ content }] }) =>
      content.parts.map(({ text }: { text: string }) => text),
    );
    expect(words?.join("")).toContain('roll_dice({"sides":20}) → {"total":17}');
    expect(answered?.at(-1).usageMetadata.promptTokenCount).toBeGreaterThan(20);
  });
});

test("drops a model request that is still being answered when the sandbox stops", async () => {
  await start(() => new Promise(() => {}));
  const pending = generateText({ model: openai().chat("m"), messages: [user], maxRetries: 0 }).catch(
    () => "dropped",
  );
  while (sandbox.requests().openai === 0) await new Promise(setImmediate);
  await sandbox.stop();
  expect(await pending).toBe("dropped");
  await start();
});
