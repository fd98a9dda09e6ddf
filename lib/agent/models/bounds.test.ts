import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  loadModel,
  PROTOCOLS,
  type Protocol,
  type Provider,
  request,
  type Sent,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer } from "../../../test/support/script.ts";
import { nestsTooDeep } from "../../runtime/index.ts";
import { MAX_REPLY_BYTES } from "./bounded-fetch.ts";

// What a provider, or a model, may send at most: replies as they come over the wire, because no mock writes such ones.

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

/** A reply with text and calls, the arguments given as JSON. */
const BODIES: Record<Protocol, (reply: { text?: string; calls?: string[]; usage?: object }) => string> = {
  "OpenAI Responses": ({ text, calls = [], usage = { input_tokens: 9, output_tokens: 4 } }) =>
    JSON.stringify({
      id: "resp_1",
      created_at: 1,
      model: "m",
      status: "completed",
      output: [
        ...(text === undefined
          ? []
          : [
              {
                type: "message",
                id: "msg_1",
                role: "assistant",
                content: [{ type: "output_text", text, annotations: [] }],
              },
            ]),
        ...calls.map((args, index) => ({
          type: "function_call",
          id: `fc_${index}`,
          call_id: `call_${index}`,
          name: "get_weather",
          arguments: args,
        })),
      ],
      usage,
    }),
  "OpenAI Chat Completions": ({ text, calls = [], usage = { prompt_tokens: 9, completion_tokens: 4 } }) =>
    JSON.stringify({
      id: "chatcmpl_1",
      created: 1,
      model: "m",
      choices: [
        {
          index: 0,
          finish_reason: calls.length > 0 ? "tool_calls" : "stop",
          message: {
            role: "assistant",
            content: text ?? null,
            tool_calls: calls.map((args, index) => ({
              id: `call_${index}`,
              type: "function",
              function: { name: "get_weather", arguments: args },
            })),
          },
        },
      ],
      usage,
    }),
  "Anthropic Messages": ({ text, calls = [], usage = { input_tokens: 9, output_tokens: 4 } }) => {
    const parts = [
      ...(text === undefined ? [] : [JSON.stringify({ type: "text", text })]),
      ...calls.map(
        (args, index) => `{"type":"tool_use","id":"call_${index}","name":"get_weather","input":${args}}`,
      ),
    ];
    return `{"type":"message","id":"msg_1","role":"assistant","model":"m","content":[${parts}],"stop_reason":"${calls.length > 0 ? "tool_use" : "end_turn"}","usage":${JSON.stringify(usage)}}`;
  },
  Gemini: ({ text, calls = [], usage = { promptTokenCount: 9, candidatesTokenCount: 4 } }) => {
    const parts = [
      ...(text === undefined ? [] : [JSON.stringify({ text })]),
      ...calls.map(
        (args, index) => `{"functionCall":{"id":"call_${index}","name":"get_weather","args":${args}}}`,
      ),
    ];
    return `{"candidates":[{"content":{"role":"model","parts":[${parts}]},"finishReason":"STOP","index":0}],"usageMetadata":${JSON.stringify(usage)}}`;
  },
  "Bedrock Converse": ({
    text,
    calls = [],
    usage = { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
  }) => {
    const parts = [
      ...(text === undefined ? [] : [JSON.stringify({ text })]),
      ...calls.map(
        (args, index) => `{"toolUse":{"toolUseId":"call_${index}","name":"get_weather","input":${args}}}`,
      ),
    ];
    return `{"output":{"message":{"role":"assistant","content":[${parts}]}},"stopReason":"${calls.length > 0 ? "tool_use" : "end_turn"}","usage":${JSON.stringify(usage)}}`;
  },
};

/** The tokens of a request and of its reply, in each protocol's words. */
const USAGE: Record<Protocol, (input: number, output: number) => object> = {
  "OpenAI Responses": (input, output) => ({ input_tokens: input, output_tokens: output }),
  "OpenAI Chat Completions": (input, output) => ({ prompt_tokens: input, completion_tokens: output }),
  "Anthropic Messages": (input, output) => ({ input_tokens: input, output_tokens: output }),
  Gemini: (input, output) => ({ promptTokenCount: input, candidatesTokenCount: output }),
  "Bedrock Converse": (input, output) => ({
    inputTokens: input,
    outputTokens: output,
    totalTokens: input + output,
  }),
};

const json = (body: string | Uint8Array<ArrayBuffer> | ReadableStream, init: ResponseInit = {}) =>
  new Response(body, { ...init, headers: { "content-type": "application/json", ...init.headers } });
const nested = (depth: number) => `{"city":${"[".repeat(depth)}${"]".repeat(depth)}}`;

describe.each(Object.keys(PROTOCOLS) as Protocol[])("over %s", (protocol) => {
  const { name } = PROTOCOLS[protocol];
  const body = BODIES[protocol];
  const ask = async (reply: Sent) => {
    provider.use(reply);
    return await (await loadModel(protocol, provider.url))(request());
  };
  const tooLong = {
    name: "ModelError",
    message: `The model ${name} answered with more than 1 MB, which a run cannot hold`,
    retryable: false,
  };

  describe("F9: a reply is too long", () => {
    test.each([
      ["4 MB of text", () => body({ text: "x".repeat(4_000_000) })],
      ["2.4 MB of arguments", () => body({ calls: [`{"city":"${"x".repeat(2_400_000)}"}`] })],
      // 200 kB that are 1 MB of JSON once they have been read.
      ["numbers that grow", () => body({ calls: [`{"city":[${"1e20,".repeat(48_000)}0]}`] })],
    ])("with %s", async (_what, reply) => {
      await expect(ask(json(reply()))).rejects.toMatchObject(tooLong);
    });

    test("with a body that is 5 MB when it is unpacked", async () => {
      const zipped = gzipSync(body({ text: "x".repeat(5_000_000) }));
      expect(zipped.byteLength).toBeLessThan(MAX_REPLY_BYTES);
      const reply = json(zipped, { headers: { "content-encoding": "gzip" } });
      await expect(ask(reply)).rejects.toMatchObject(tooLong);
    });

    test.each([200, 429, 500])(
      "with a body without an end, of which the rest is not read: %i",
      async (status) => {
        const dropped = Promise.withResolvers<void>();
        const endless = new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
          cancel: () => dropped.resolve(),
        });
        await expect(ask(json(endless, { status }))).rejects.toMatchObject(tooLong);
        await dropped.promise;
      },
    );
  });

  test("F9: a reply just below the bound is a reply", async () => {
    const text = "x".repeat(MAX_REPLY_BYTES - 1000);
    expect((await ask(json(body({ text })))).text).toBe(text);
  });

  test.each([101, 200_000])(
    "F8: arguments that nest %i deep arrive as text that is no JSON, beside sound ones",
    async (depth) => {
      const reply = await ask(json(body({ calls: [nested(depth), '{"city":"Tokyo"}'] })));
      const [deep, sound] = reply.calls;
      expect(nestsTooDeep(deep?.input as string)).toBe(true);
      expect(sound?.input).toEqual({ city: "Tokyo" });
      expect(JSON.stringify(reply).length).toBeLessThan(5000);
    },
  );

  test("a conversation goes on after arguments that nested too deep", async () => {
    const reply = await ask(json(body({ calls: [nested(5000)] })));
    const result = {
      id: "call_0",
      tool: "get_weather",
      output: { type: "error", message: "too deep" },
    } as const;
    provider.use(answer("Done."));
    const next = await (await loadModel(protocol, provider.url))(
      request({
        messages: [
          { role: "user", text: "The weather?" },
          { role: "assistant", reply: JSON.parse(JSON.stringify(reply)) },
          { role: "tool", results: [result] },
        ],
      }),
    );
    expect(next.text).toBe("Done.");
  });

  const noUsage: [string, object | undefined][] = [
    ["zero", USAGE[protocol](0, 0)],
    ["negative", USAGE[protocol](-1_000_000, -1_000_000)],
  ];
  // Anthropic's and Bedrock's SDKs say of a reply without usage that it is unreadable.
  if (/^OpenAI|^Gemini/.test(protocol)) noUsage.push(["missing", undefined]);
  test.each(noUsage)(
    "F11: usage that is %s is estimated by what was sent and what came",
    async (_what, usage) => {
      const { usage: counted } = await ask(json(withUsage(body({ text: "x".repeat(40_000) }), usage)));
      expect(counted.inputTokens).toBeGreaterThan(50);
      expect(counted.inputTokens).toBeLessThan(1000);
      expect(counted.outputTokens).toBeGreaterThan(10_000);
      expect(counted.outputTokens).toBeLessThan(11_000);
    },
  );

  test("F11: absurd usage stays a number that can be added up", async () => {
    const reply = await ask(json(withUsage(body({ text: "Hi." }), USAGE[protocol](1e300, 0.5))));
    expect(reply.usage).toEqual({ inputTokens: 1_000_000_000, outputTokens: 1 });
  });

  test.each(["1e300", "-1e300"])("a reply that was made at an absurd time is a reply: %s", async (at) => {
    const reply = body({ text: "Hi." }).replace(/"created(_at)?":1/, `"created$1":${at}`);
    const headers = { date: "Sat, 13 Sep 275760 00:00:01 GMT" };
    expect(await ask(json(reply, { headers }))).toMatchObject({ text: "Hi." });
  });

  test("an absurd wish to wait is bounded", async () => {
    const busy = json("{}", { status: 429, headers: { "retry-after": "9".repeat(400) } });
    await expect(ask(busy)).rejects.toMatchObject({ retryable: true, retryAfterSeconds: 86_400 });
  });
});

/** The same body with other counts of tokens, or without any. */
function withUsage(body: string, usage: object | undefined): string {
  const { usage: _, usageMetadata, ...rest } = JSON.parse(body);
  const field = usageMetadata ? "usageMetadata" : "usage";
  return JSON.stringify(usage ? { ...rest, [field]: usage } : rest);
}
