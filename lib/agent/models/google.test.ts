import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  KEY,
  loadModel,
  type Provider,
  request,
  type Sent,
  startProvider,
  WEATHER,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import { turnSerde } from "./journaled-reply.ts";
import type { Message, ModelReply, ModelRequest } from "./seam.ts";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function ask(reply: Sent, parts?: Partial<ModelRequest>, onText?: (text: string) => void) {
  provider.use(reply);
  return await (await loadModel("Gemini", provider.url, { onText }))(request(parts));
}

/** A reply as Google sends it. @see https://ai.google.dev/api/generate-content */
const content = (finishReason: string, ...parts: object[]) => ({
  candidates: [{ content: { role: "model", parts }, finishReason, index: 0 }],
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 },
});
const whole = (finishReason: string, ...parts: object[]) => Response.json(content(finishReason, ...parts));
/** The same in pieces, a part each. */
const inPieces = (finishReason: string, ...parts: object[]) => {
  const pieces = parts.map((part) => ({
    candidates: [{ content: { role: "model", parts: [part] }, index: 0 }],
  }));
  const events = [...pieces, content(finishReason)].map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`);
  return new Response(events.join(""), { headers: { "content-type": "text/event-stream" } });
};
const functionCall = (id: string, args: object, thoughtSignature?: string) => ({
  functionCall: { id, name: "get_weather", args },
  ...(thoughtSignature && { thoughtSignature }),
});
const refusal = (status: number, error: object) => Response.json({ error }, { status });

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
/** What is sent in the turn after this reply, once it was journaled. */
async function sentAfter(reply: ModelReply) {
  const timed = { ...reply, startedAt: 1, endedAt: 2 };
  const journaled = turnSerde.deserialize(turnSerde.serialize(timed)) as ModelReply;
  await ask(answer("Done."), { messages: [QUESTION, { role: "assistant", reply: journaled }, RESULTS] });
  return provider.requests[0]?.body.contents.slice(1);
}

describe("a request", () => {
  test("carries the instructions and the tools as they are, under the API's version", async () => {
    await ask(answer("Hello."));
    const { path, headers, body } = provider.requests[0] ?? {};
    expect(path).toBe("/v1beta/models/gemini-3.5-flash:generateContent");
    expect(headers?.get("x-goog-api-key")).toBe(KEY);
    const { name, description, inputSchema } = WEATHER;
    expect(body).toEqual({
      generationConfig: {},
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [{ role: "user", parts: [{ text: QUESTION.text }] }],
      tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema: inputSchema }] }],
      toolConfig: { functionCallingConfig: { mode: "AUTO" } },
    });
  });

  test("carries unions and closed objects, which only the field for JSON Schema takes", async () => {
    const inputSchema = {
      type: "object",
      properties: { at: { anyOf: [{ type: "string", const: "home" }, { type: "null" }] } },
      additionalProperties: false,
    };
    await ask(answer("Hello."), { tools: [{ name: "odd", description: "Odd.", inputSchema }] });
    const [declared] = provider.requests[0]?.body.tools[0].functionDeclarations ?? [];
    expect(declared).toEqual({ name: "odd", description: "Odd.", parametersJsonSchema: inputSchema });
  });

  test('with tool choice "none" forbids tools, which stay offered for the calls that were made', async () => {
    await ask(answer("Hello."), { toolChoice: "none" });
    expect(provider.requests[0]?.body).toMatchObject({
      toolConfig: { functionCallingConfig: { mode: "NONE" } },
      tools: [{}],
    });
  });

  test("says nothing about parallel calls, for which there is no field", async () => {
    await ask(answer("Hello."), { parallelToolCalls: false });
    const { body } = provider.requests[0] ?? {};
    await ask(answer("Hello."), { parallelToolCalls: true });
    expect(body).toEqual(provider.requests[0]?.body);
  });

  test("without tools says nothing about them", async () => {
    await ask(answer("Hello."), { tools: [] });
    for (const field of ["tools", "toolConfig"]) expect(provider.requests[0]?.body).not.toHaveProperty(field);
  });

  test("brings the results of a turn back in one message, one per call, in order; failures as errors", async () => {
    const reply = await ask({ ...calls(TOKYO, LONDON), content: "Let me look." } as Sent);
    const [, results] = await sentAfter(reply);
    expect(results).toEqual({
      role: "user",
      parts: [
        {
          functionResponse: {
            id: "call_1",
            name: "get_weather",
            response: { name: "get_weather", content: { celsius: 18 } },
          },
        },
        {
          functionResponse: {
            id: "call_2",
            name: "get_weather",
            response: { name: "get_weather", error: "timeout after 30 s" },
          },
        },
      ],
    });
  });
});

describe("thought signatures come back in the next request, where they were", () => {
  const PARTS = [
    { text: "Two cities.", thought: true, thoughtSignature: "of-the-thought" },
    { text: "Let me look.", thoughtSignature: "of-the-text" },
    functionCall("call_1", { city: "Tokyo" }, "of-the-calls"),
    functionCall("call_2", { city: "London" }),
  ];

  test.each([
    ["whole", whole, undefined],
    ["in pieces", inPieces, () => {}],
  ] as const)("of a reply that comes %s", async (_how, form, onText) => {
    const reply = await ask(form("STOP", ...PARTS), {}, onText);
    expect(reply.calls).toHaveLength(2);
    expect(await sentAfter(reply)).toEqual([{ role: "model", parts: PARTS }, expect.anything()]);
  });

  test("of a text whose signature follows it", async () => {
    const pieces = [{ text: "It is " }, { text: "sunny." }, { text: "", thoughtSignature: "of-the-text" }];
    const reply = await ask(inPieces("STOP", ...pieces), {}, () => {});
    const [model] = await sentAfter(reply);
    expect(model.parts).toEqual([{ text: "It is sunny.", thoughtSignature: "of-the-text" }]);
  });
});

describe("a reply", () => {
  test("that its length limit cut says so", async () => {
    const reply = await ask(whole("MAX_TOKENS", { text: "It is su" }));
    expect(reply).toMatchObject({ text: "It is su", calls: [], finishReason: "length" });
  });

  const part = (finishReason: string, text: string) => ({
    candidates: [{ content: { parts: [{ text }] }, finishReason, continuationToken: "next" }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4 },
  });

  test("that Google cuts into several is one, with the tokens of all", async () => {
    provider.use(Response.json(part("CONTINUATION", "It is ")), Response.json(part("STOP", "sunny.")));
    const reply = await (await loadModel("Gemini", provider.url))(request());
    expect(reply).toMatchObject({ text: "It is sunny.", finishReason: "stop" });
    expect(reply.usage).toEqual({ inputTokens: 18, outputTokens: 8 });
  });

  test("F9: that never ends is given up", async () => {
    const endless = async () => Response.json(part("CONTINUATION", "On and on. "));
    provider.use(...Array<Sent>(20).fill(endless));
    await expect((await loadModel("Gemini", provider.url))(request())).rejects.toMatchObject({
      message: "The model google/gemini-3.5-flash answered with more than 1 MB, which a run cannot hold",
      retryable: false,
    });
    expect(provider.requests).toHaveLength(11);
  });

  test.each(["SAFETY", "RECITATION", "PROHIBITED_CONTENT"])(
    "that was stopped is a content filter's: %s",
    async (reason) => {
      const reply = await ask(whole(reason, { text: "I c" }));
      expect(reply).toMatchObject({ text: "I c", calls: [], finishReason: "content-filter" });
    },
  );

  test("to a request that was blocked is a content filter's", async () => {
    const blocked = Response.json({
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 9 },
    });
    expect(await ask(blocked)).toMatchObject({ text: "", calls: [], finishReason: "content-filter" });
  });

  test.each([
    ["whole", whole, undefined],
    ["in pieces", inPieces, () => {}],
  ] as const)(
    "with a call that Gemini itself could not read is worth another try: %s",
    async (_how, form, onText) => {
      await expect(ask(form("MALFORMED_FUNCTION_CALL"), {}, onText)).rejects.toMatchObject({
        message: "The model google/gemini-3.5-flash answered with something unreadable",
        retryable: true,
      });
    },
  );

  test("has an id for each call, also where Gemini gives none", async () => {
    const call = { functionCall: { name: "get_weather", args: { city: "Tokyo" } } };
    const ids = (await ask(whole("STOP", call, call))).calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).not.toBe("");
  });

  test("counts thoughts as output, and what was read from the provider's cache as input", async () => {
    const usageMetadata = {
      promptTokenCount: 109,
      cachedContentTokenCount: 100,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 30,
    };
    const reply = await ask(Response.json({ ...content("STOP", { text: "Hello." }), usageMetadata }));
    expect(reply.usage).toEqual({ inputTokens: 109, cacheReadTokens: 100, outputTokens: 34 });
  });
});

describe("a refusal", () => {
  const info = (type: string, detail: object) => ({
    "@type": `type.googleapis.com/google.rpc.${type}`,
    ...detail,
  });

  test("of the key is one, though Google calls it a malformed request: another model may be asked", async () => {
    const details = [info("ErrorInfo", { reason: "API_KEY_INVALID", domain: "googleapis.com" })];
    const error = { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details };
    await expect(ask(refusal(400, error))).rejects.toMatchObject({
      message: "The model google/gemini-3.5-flash rejected the API key (401)",
      retryable: false,
      ofRequest: false,
    });
  });

  test("says in its details how long to wait", async () => {
    const details = [info("RetryInfo", { retryDelay: "37.8s" })];
    const error = { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED", details };
    await expect(ask(refusal(429, error))).rejects.toMatchObject({
      message: "The model google/gemini-3.5-flash answered 429: Quota exceeded.",
      retryable: true,
      retryAfterSeconds: 38,
    });
  });
});
