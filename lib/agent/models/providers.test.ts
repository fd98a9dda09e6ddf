import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  KEY,
  loadModel,
  PROTOCOLS,
  type Protocol,
  type Provider,
  request,
  type Sent,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import { parseModelName, providers } from "./providers.ts";
import { ModelError, type ModelReply, type ModelRequest } from "./seam.ts";

const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
const LONDON = { id: "call_2", name: "get_weather", input: { city: "London", units: "metric" } };

/** Bedrock has the function's credentials in place of a key. */
const PROTOCOLS_WITH_KEY = (Object.keys(PROTOCOLS) as Protocol[]).filter(
  (protocol) => parseModelName(PROTOCOLS[protocol].name).provider.secrets.length > 0,
);

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

describe.each(Object.keys(PROTOCOLS) as Protocol[])("over %s", (protocol) => {
  const { name } = PROTOCOLS[protocol];
  const ask = async (reply: Sent, parts?: Partial<ModelRequest>) => {
    provider.use(reply);
    return await (await loadModel(protocol, provider.url))(request(parts));
  };
  /** The error, which is checked for what no message may contain. */
  const askInVain = async (reply: Sent, parts?: Partial<ModelRequest>) => {
    const error = await ask(reply, parts).then(
      (unexpected) => expect.unreachable(`it answered ${JSON.stringify(unexpected)}`),
      (reason) => reason as ModelError,
    );
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toMatch(new RegExp(`^The model ${name} `));
    expect(error.message).not.toMatch(/https?:|127\.0\.0\.1|\n|sk-|bearer|x-api-key/i);
    expect(provider.requests).toHaveLength(1);
    return error;
  };
  const json = (status: number, body: unknown, headers = {}) => Response.json(body, { status, headers });

  describe("a reply", () => {
    test("asks for several calls, in the model's order", async () => {
      const reply = await ask(calls(TOKYO, LONDON));
      expect(reply).toMatchObject({ text: "", finishReason: "tool-calls" });
      expect(reply.calls).toEqual([
        { id: "call_1", tool: "get_weather", input: { city: "Tokyo" } },
        { id: "call_2", tool: "get_weather", input: { city: "London", units: "metric" } },
      ]);
    });

    test("asks for one call", async () => {
      const reply = await ask(calls(TOKYO));
      expect(reply.calls).toEqual([{ id: "call_1", tool: "get_weather", input: { city: "Tokyo" } }]);
    });

    test("asks for none", async () => {
      const reply = await ask(answer("It is sunny."));
      expect(reply).toMatchObject({ text: "It is sunny.", calls: [], finishReason: "stop" });
    });

    test("has text together with calls", async () => {
      const reply = await ask({ ...calls(TOKYO, LONDON), content: "Let me look." } as Sent);
      expect(reply).toMatchObject({ text: "Let me look.", finishReason: "tool-calls" });
      expect(reply.calls.map(({ id }) => id)).toEqual(["call_1", "call_2"]);
    });

    test("may call tools that were not offered", async () => {
      const reply = await ask(
        calls({ ...TOKYO, name: "get_wether" }, { id: "call_2", name: "constructor", input: {} }),
      );
      expect(reply.calls).toEqual([
        { id: "call_1", tool: "get_wether", input: { city: "Tokyo" } },
        { id: "call_2", tool: "constructor", input: {} },
      ]);
    });

    test("may be empty", async () => {
      expect(await ask(answer(""))).toMatchObject({ text: "", calls: [], finishReason: "stop" });
    });

    test("says what it cost", async () => {
      const usage = { prompt_tokens: 120, completion_tokens: 7, input_tokens: 120, output_tokens: 7 };
      const reply = await ask({ ...answer("Sunny."), usage });
      expect(reply.usage).toEqual({ inputTokens: 120, outputTokens: 7 });
    });

    test("is the answer to exactly one request, made without a warning", async () => {
      const warned = [vi.spyOn(process, "emitWarning"), vi.spyOn(console, "warn")];
      provider.use(calls(TOKYO), answer("unasked"));
      const schema = { type: "object", propertyNames: { pattern: "^(?!x)" } };
      const unknown = `${name.split("/")[0]}/a-model-nobody-knows`;
      const model = await loadModel(protocol, provider.url, { name: unknown });
      await model(request({ tools: [{ name: "odd", description: "Odd.", inputSchema: schema }] }));
      expect(provider.requests).toHaveLength(1);
      for (const spy of warned) expect(spy).not.toHaveBeenCalled();
      vi.restoreAllMocks();
    });
  });

  describe("a conversation", () => {
    /** What is sent in the turn after this reply, whose calls all got an error as their result. */
    const requestAfter = async (reply: ModelReply) => {
      const results = reply.calls.map(({ id, tool }) => ({
        id,
        tool,
        output: { type: "error", message: "timeout after 30 s" } as const,
      }));
      const turn = { role: "user", text: "The weather in Tokyo and London?" } as const;
      await ask(answer("Done."), {
        messages: [turn, { role: "assistant", reply }, { role: "tool", results }],
      });
      return provider.requests[0]?.body;
    };

    test("goes on in the same way from a reply that was journaled", async () => {
      const reply = await ask({
        ...calls(TOKYO, LONDON),
        content: "Let me look.",
        reasoning: "Two.",
      } as Sent);
      expect(await requestAfter(JSON.parse(JSON.stringify(reply)))).toEqual(await requestAfter(reply));
    });

    test("goes on after a call of an unknown tool", async () => {
      const reply = await ask(calls({ ...TOKYO, name: "get_wether" }, LONDON));
      const sent = JSON.stringify(await requestAfter(reply));
      expect(sent.match(/timeout after 30 s/g)).toHaveLength(2);
      // Only our own words: the SDK has its own for a tool that it does not know.
      expect(sent).not.toMatch(/unavailable|available tools/i);
    });
  });

  describe("trouble", () => {
    test("429 is retryable, after what the provider asks for", async () => {
      const error = await askInVain({
        error: { message: "Slow down, see https://example.com/limits." },
        status: 429,
        retryAfter: 7,
      });
      expect(error).toMatchObject({ retryable: true, retryAfterSeconds: 7 });
      expect(error.message).toBe(`The model ${name} answered 429: Slow down, see [link]`);
    });

    test.each([500, 503, 529])("%i is retryable", async (status) => {
      const error = await askInVain({ error: { message: "Internal error" }, status });
      expect(error).toMatchObject({ retryable: true, retryAfterSeconds: undefined });
      expect(error.message).toBe(`The model ${name} answered ${status}: Internal error`);
    });

    test("an error page is retryable, and none of it is repeated", async () => {
      const error = await askInVain(new Response("<html>Bad\nGateway</html>", { status: 502 }));
      expect(error).toMatchObject({ retryable: true });
      expect(error.message).toMatch(/answered 502(: Bad Gateway)?$/);
    });

    test.each([
      [401, "rejected the API key (401)"],
      [403, "denied access (403)"],
    ])("%i is not retryable, and names no key", async (status, problem) => {
      const error = await askInVain({ error: { message: `Incorrect API key provided: ${KEY}` }, status });
      expect(error).toMatchObject({ retryable: false });
      expect(error.message).toBe(`The model ${name} ${problem}`);
    });

    test("400 is not retryable, and says in the provider's words what is wrong, without the key", async () => {
      const error = await askInVain({
        error: { message: `No such model for ${KEY}\n at x.js` },
        status: 400,
      });
      expect(error).toMatchObject({ retryable: false });
      expect(error.message).toBe(`The model ${name} answered 400: No such model for [secret]`);
    });

    test.each([
      ["text", () => new Response("<html>Welcome</html>")],
      ["nothing", () => new Response("")],
      ["another JSON", () => json(200, { hello: "world" })],
    ])("%s in place of a reply is retryable", async (_what, body) => {
      const error = await askInVain(body());
      expect(error).toMatchObject({ retryable: true });
      expect(error.message).toBe(`The model ${name} answered with something unreadable`);
    });

    test("a reply that breaks off is retryable", async () => {
      // The server says aloud that its body broke.
      const loud = vi.spyOn(console, "error").mockImplementation(() => {});
      const half = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')),
        pull: (controller) => controller.error(new Error("broken")),
      });
      const error = await askInVain(new Response(half, { headers: { "content-type": "application/json" } }));
      expect(error).toMatchObject({ retryable: true });
      loud.mockRestore();
    });

    test("a refused connection is retryable", async () => {
      const gone = await startProvider();
      await gone.stop();
      const model = await loadModel(protocol, gone.url);
      await expect(model(request())).rejects.toMatchObject({
        name: "ModelError",
        message: `The model ${name} cannot be reached (ECONNREFUSED)`,
        retryable: true,
      });
    });

    test("silence ends when the signal aborts, and is retryable", async () => {
      const controller = new AbortController();
      const error = await askInVain(
        () => {
          controller.abort(new DOMException("30 s are over", "TimeoutError"));
          return new Promise(() => {});
        },
        { signal: controller.signal },
      );
      expect(error).toMatchObject({ retryable: true });
      expect(error.message).toBe(`The model ${name} did not answer in time`);
    });
  });

  describe("configuration", () => {
    test("an empty base URL is the provider's own, also where the function's environment has it empty", async () => {
      vi.stubEnv("OPENAI_BASE_URL", "").stubEnv("ANTHROPIC_BASE_URL", "").stubEnv("GEMINI_BASE_URL", "");
      const fetched: string[] = [];
      vi.stubGlobal("fetch", async (url: string) => {
        fetched.push(url);
        throw new Error("not in a test");
      });
      await expect((await loadModel(protocol, ""))(request())).rejects.toBeInstanceOf(ModelError);
      expect(fetched).toEqual([
        {
          "OpenAI Responses": "https://api.openai.com/v1/responses",
          "OpenAI Chat Completions": "https://api.openai.com/v1/chat/completions",
          "Anthropic Messages": "https://api.anthropic.com/v1/messages",
          Gemini: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent",
          "Bedrock Converse":
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
        }[protocol],
      ]);
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
    });
  });
});

describe.each(PROTOCOLS_WITH_KEY)("the key, over %s", (protocol) => {
  test.each(["", "  \n"])("a key without a value is an error that names it: %j", async (key) => {
    await expect(loadModel(protocol, provider.url, { key })).rejects.toMatchObject({
      name: "ModelError",
      message: expect.stringMatching(/^The secret (OPENAI|ANTHROPIC|GEMINI)_API_KEY has no value$/),
      retryable: false,
    });
  });

  test("the key is sent without the line end that a pasted secret carries", async () => {
    provider.use(answer("Hello."));
    await (await loadModel(protocol, provider.url, { key: `${KEY}\n` }))(request());
    const headers = provider.requests[0]?.headers;
    const sent = ["authorization", "x-api-key", "x-goog-api-key"].flatMap((name) => headers?.get(name) ?? []);
    expect(sent).toEqual([expect.stringMatching(new RegExp(`^(Bearer )?${KEY}$`))]);
  });
});

describe("a model's name", () => {
  test("is its provider's and the provider's own name for it, which may have slashes", () => {
    expect(parseModelName("openai/meta-llama/llama-4")).toEqual({
      provider: providers.openai,
      modelId: "meta-llama/llama-4",
    });
  });

  test.each(["mistral/large", "__proto__/x", "constructor/x", "gpt-5.4", "openai/", "/x", ""])(
    "%j is refused with the providers that there are",
    (name) => {
      expect(() => parseModelName(name)).toThrow(
        new TypeError(
          `Unknown model "${name}". Expected provider/model with one of: openai, anthropic, google, bedrock.`,
        ),
      );
    },
  );
});
