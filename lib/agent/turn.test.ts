import { CancelledError, type Context, RestatePromise, TerminalError } from "@restatedev/restate-sdk/lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeContext } from "../../test/support/context.ts";
import { KEY, type Provider, request, type Sent, startProvider } from "../../test/support/provider.ts";
import { answer, calls } from "../../test/support/script.ts";
import { type AgentDefinition, defineAgent } from "./definition.ts";
import type { Message } from "./models/seam.ts";
import { askModel } from "./turn.ts";

const OPENAI = "openai/gpt-5.4";
const CLAUDE = "anthropic/claude-haiku-4-5";
const GEMINI = "google/gemini-3.5-flash";
const BEDROCK = "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
beforeEach(() => {
  const environment = {
    OPENAI_BASE_URL: `${provider.url}/v1`,
    OPENAI_API_KEY: KEY,
    ANTHROPIC_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_API_KEY: KEY,
    GEMINI_BASE_URL: provider.url,
    GEMINI_API_KEY: KEY,
    BEDROCK_BASE_URL: provider.url,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: KEY,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Stands in for Restate, whose steps are tried again at once, and fail for good as its do. */
function context() {
  const { ctx, steps } = fakeContext();
  const logged: { event: string }[] = [];
  const log = (line: { event: string }) => logged.push(line);
  const run = (name: string, action: () => Promise<unknown>, options: { maxRetryAttempts: number }) => {
    const tries = async (left: number): Promise<unknown> => {
      try {
        return await action();
      } catch (error) {
        if (error instanceof TerminalError) throw error;
        if (left === 1) throw new TerminalError((error as Error).message, { errorCode: 500 });
        return tries(left - 1);
      }
    };
    return ctx.run(name, () => tries(options.maxRetryAttempts), options);
  };
  const console = { debug: log, info: log, warn: log, error: log };
  return { ctx: { ...ctx, run, console } as unknown as Context, steps, logged };
}

const agentWith = (settings: Partial<AgentDefinition>) =>
  defineAgent({
    name: "Falling",
    description: "Falls back.",
    model: OPENAI,
    instructions: "Be brief.",
    tools: [],
    ...settings,
  });

async function turn(
  settings: Partial<AgentDefinition>,
  replies: Sent[],
  { messages = [QUESTION], number = 1, dueInMs = Number.POSITIVE_INFINITY, cancelled = false } = {},
) {
  provider.use(...replies);
  const agent = agentWith(settings);
  const { ctx, steps, logged } = context();
  const of = cancelled ? { ...ctx, cancellation: () => RestatePromise.resolve(undefined) } : ctx;
  const { signal: _, ...asked } = request({ messages });
  const outcome = await askModel(of as Context, {
    turn: number,
    agent,
    settings: {
      model: agent.model,
      limits: agent.limits,
      maxParallelCalls: undefined,
      parallelToolCalls: true,
      maxOutputTokens: agent.maxOutputTokens,
    },
    request: asked,
    dueAt: (startedAt) => startedAt + dueInMs,
  }).catch((error: Error) => error);
  return { outcome, steps, logged, asked: provider.requests.map(({ path }) => wireOf(path)) };
}

const wireOf = (path: string) =>
  path.includes("/responses") ? "openai" : path.includes("/messages") ? "anthropic" : "bedrock";

const QUESTION: Message = { role: "user", text: "The weather in Tokyo?" };
const RESULTS: Message = {
  role: "tool",
  results: [{ id: "call_1", tool: "get_weather", output: { type: "json", value: { celsius: 18 } } }],
};
const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
const failed = (status: number, message = "It broke.") => ({ error: { message }, status }) as Sent;
const broken = [failed(500), failed(500), failed(500)];

describe("a model that fails for good", () => {
  test("is followed by the next one, in a step of its own, and the log says so", async () => {
    const { outcome, steps, logged, asked } = await turn(
      { fallbacks: [CLAUDE] },
      [...broken, answer("Hello.")],
      {
        number: 3,
      },
    );
    expect(outcome).toMatchObject({ text: "Hello.", model: CLAUDE });
    expect(steps).toEqual(["model turn 3", `model turn 3, ${CLAUDE}`]);
    expect(asked).toEqual(["openai", "openai", "openai", "anthropic"]);
    expect(logged.filter(({ event }) => event === "model given up")).toEqual([
      { event: "model given up", turn: 3, model: OPENAI, next: CLAUDE },
    ]);
  });

  test.each([401, 403, 404, 410])("is not asked again if it cannot be asked at all: %i", async (status) => {
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [failed(status), answer("Hello.")]);
    expect(outcome).toMatchObject({ text: "Hello.", model: CLAUDE });
    expect(asked).toEqual(["openai", "anthropic"]);
  });

  test("may be one whose key is missing", async () => {
    vi.stubEnv("OPENAI_API_KEY", " ");
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [answer("Hello.")]);
    expect(outcome).toMatchObject({ text: "Hello.", model: CLAUDE });
    expect(asked).toEqual(["anthropic"]);
  });

  test.each([400, 413, 422])(
    "is the last one if it refuses the request for what it is: %i",
    async (status) => {
      const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [failed(status, "Too long.")]);
      expect(outcome).toMatchObject({
        name: "ModelFailure",
        message: `The model ${OPENAI} answered ${status}: Too long.`,
      });
      expect(asked).toEqual(["openai"]);
    },
  );

  test("without a fallback fails the turn as ever", async () => {
    const { outcome, steps } = await turn({}, broken);
    expect(outcome).toMatchObject({ message: `The model ${OPENAI} answered 500: It broke.`, code: 502 });
    expect(steps).toEqual(["model turn 1"]);
  });

  test("and so do all after it: the error names each in words", async () => {
    const fallbacks = [CLAUDE, BEDROCK];
    const refused = failed(401, `Incorrect API key provided: ${KEY}.`);
    const { outcome, asked } = await turn({ fallbacks }, [...broken, refused, failed(403)]);
    expect(outcome).toMatchObject({ name: "ModelFailure", code: 502 });
    expect((outcome as Error).message).toBe(
      `The model ${OPENAI} answered 500: It broke. The model ${CLAUDE} rejected the API key (401). The model ${BEDROCK} denied access (403)`,
    );
    expect(asked).toHaveLength(5);
  });

  test("that is slower than its timeout is followed by the next one", async () => {
    const silent = () => new Promise<Response>(() => {});
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE], modelTimeout: { seconds: 0.2 } }, [
      silent,
      silent,
      silent,
      answer("Hello."),
    ]);
    expect(outcome).toMatchObject({ text: "Hello.", model: CLAUDE });
    expect(asked).toEqual(["openai", "openai", "openai", "anthropic"]);
  });
});

describe("the next turn", () => {
  const byClaude: Message = {
    role: "assistant",
    reply: {
      text: "Let me look.",
      calls: [],
      usage: { inputTokens: 1, outputTokens: 1 },
      finishReason: "tool-calls",
      message: { role: "assistant", content: [{ type: "text", text: "Let me look." }] },
      model: CLAUDE,
    },
  };
  const messages = [QUESTION, byClaude];

  test("begins with the model that replied", async () => {
    const { outcome, steps } = await turn({ fallbacks: [CLAUDE] }, [answer("Hello.")], {
      messages,
      number: 2,
    });
    expect(outcome).toMatchObject({ model: CLAUDE });
    expect(steps).toEqual([`model turn 2, ${CLAUDE}`]);
  });

  test("goes back to the run's own where that one fails", async () => {
    const { outcome, asked } = await turn({ fallbacks: [BEDROCK, CLAUDE] }, [failed(404), answer("Hello.")], {
      messages,
    });
    expect(outcome).not.toHaveProperty("model");
    expect(asked).toEqual(["anthropic", "openai"]);
  });
});

describe("F11: time", () => {
  test("that is over ends the turn, whatever models are left", async () => {
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [], { dueInMs: 0 });
    expect(outcome).toMatchObject({ outOfTime: true });
    expect(asked).toEqual([]);
  });

  test("that is too short for another try goes to the next model", async () => {
    const busy: Sent = { error: { message: "Slow down." }, status: 429, retryAfter: 60 };
    const dueInMs = 30_000;
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [busy, answer("Hello.")], { dueInMs });
    expect(outcome).toMatchObject({ text: "Hello.", model: CLAUDE });
    expect(asked).toEqual(["openai", "anthropic"]);
    const { outcome: last } = await turn({}, [busy], { dueInMs });
    expect(last).toMatchObject({ outOfTime: true });
  });
});

describe("F13: a cancelled run", () => {
  test("asks no further model", async () => {
    const { outcome, asked } = await turn({ fallbacks: [CLAUDE] }, [failed(404), answer("Hello.")], {
      cancelled: true,
    });
    expect(outcome).toBeInstanceOf(CancelledError);
    expect(asked).toEqual(["openai"]);
  });

  test("keeps the reply that was on its way: what follows from it may be recorded", async () => {
    const { outcome } = await turn({ fallbacks: [CLAUDE] }, [answer("Hello.")], { cancelled: true });
    expect(outcome).toMatchObject({ text: "Hello." });
  });
});

describe("a conversation goes on with another model, which gets nothing of the first one's own", () => {
  const thought = "Tokyo first, says the one that began.";
  const sealed = "sealed-by-the-one-that-began";
  const openaiReply: Sent = async () =>
    Response.json({
      id: "resp_1",
      created_at: 1,
      model: "gpt-5.4",
      status: "completed",
      output: [
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: thought }],
          encrypted_content: sealed,
        },
        {
          type: "function_call",
          id: "fc_own",
          call_id: "call_1",
          name: "get_weather",
          arguments: '{"city":"Tokyo"}',
          status: "completed",
        },
      ],
      usage: { input_tokens: 9, output_tokens: 4 },
    });
  const claudeReply: Sent = async () =>
    Response.json({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-haiku-4-5",
      content: [
        { type: "thinking", thinking: thought, signature: sealed },
        { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Tokyo" } },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 9, output_tokens: 4 },
    });
  const bedrockReply: Sent = async () =>
    Response.json({
      output: {
        message: {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: thought, signature: sealed } } },
            { toolUse: { toolUseId: "call_1", name: "get_weather", input: { city: "Tokyo" } } },
          ],
        },
      },
      stopReason: "tool_use",
      usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
    });
  const geminiReply: Sent = async () =>
    Response.json({
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { text: thought, thought: true },
              {
                functionCall: { id: "call_1", name: "get_weather", args: { city: "Tokyo" } },
                thoughtSignature: sealed,
              },
            ],
          },
          finishReason: "STOP",
        },
      ],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4 },
    });
  const BEGUN: Record<string, Sent> = {
    [OPENAI]: openaiReply,
    [CLAUDE]: claudeReply,
    [GEMINI]: geminiReply,
    "google/gemini-3.5-flash-lite": geminiReply,
    [BEDROCK]: bedrockReply,
  };
  const pairs = Object.keys(BEGUN).flatMap((from) =>
    Object.keys(BEGUN).flatMap((to) => (from === to ? [] : [[from, to] as const])),
  );

  test.each(pairs)("from %s to %s", async (from, to) => {
    const settings = { model: from, fallbacks: [to] };
    const first = await turn(settings, [BEGUN[from] as Sent]);
    // What was journaled goes on.
    const reply = JSON.parse(JSON.stringify(first.outcome));
    expect(JSON.stringify(reply)).toContain(sealed);
    const messages: Message[] = [QUESTION, { role: "assistant", reply }, RESULTS];
    const { outcome } = await turn(settings, [failed(404), answer("18 degrees.")], { messages, number: 2 });
    expect(outcome).toMatchObject({ text: "18 degrees.", model: to });

    const [own, others] = provider.requests.map(({ body }) => JSON.stringify(body));
    expect(own).toContain(sealed);
    for (const secret of [sealed, thought, "rs_1", "fc_own"]) expect(others).not.toContain(secret);
    for (const common of ["call_1", "get_weather", "celsius", "Tokyo"]) expect(others).toContain(common);
  });

  test("and the first one gets its own back, when the conversation comes back to it", async () => {
    const settings = { model: CLAUDE, fallbacks: [OPENAI] };
    const mine = JSON.parse(JSON.stringify((await turn(settings, [claudeReply])).outcome));
    const theirs = (await turn(settings, [failed(404), calls(TOKYO)])).outcome as never;
    const messages: Message[] = [
      QUESTION,
      { role: "assistant", reply: mine },
      RESULTS,
      { role: "assistant", reply: theirs },
      RESULTS,
    ];
    const { asked } = await turn(settings, [failed(404), answer("18 degrees.")], { messages });
    expect(asked).toEqual(["openai", "anthropic"]);
    const [, back] = provider.requests.map(({ body }) => body);
    expect(back.messages[1].content[0]).toEqual({ type: "thinking", thinking: thought, signature: sealed });
    expect(back.messages[3].content).toEqual([
      { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Tokyo" } },
    ]);
  });
});

test("a setting that a model does not take is logged once, without the words of the request", async () => {
  const { logged } = await turn({ model: "openai/gpt-5.4-mini", temperature: 0.7 }, [answer("Hello.")]);
  const again = await turn({ model: "openai/gpt-5.4-mini", temperature: 0.7 }, [answer("Hello.")]);
  const line = { event: "model setting not taken", model: "openai/gpt-5.4-mini", setting: "temperature" };
  expect(logged[0]).toEqual({ ...line, type: "unsupported" });
  expect(again.logged).toEqual([]);
});
