import type { Context } from "@restatedev/restate-sdk/lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { fakeContext } from "../../../test/support/context.ts";
import {
  KEY,
  PROTOCOLS,
  type Protocol,
  type Provider,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import { defineTool } from "../../tool/index.ts";
import { brief } from "../briefing.ts";
import { type Agent, defineAgent } from "../definition.ts";
import { handlersOf } from "../handlers.ts";
import { SdkLoop } from "../sdk-loop.ts";
import { runAiSdkLoop } from "./ai-sdk-loop.ts";

// What goes over the wire. That the loop is durable is tested end to end, with the claim agent.

const agent = defineAgent({
  name: "LoopAgent",
  description: "Loops.",
  model: "openai/gpt-5.4",
  instructions: "Be brief.",
  parallelToolCalls: false,
  tools: [
    defineTool({
      name: "get_weather",
      description: "Current weather for a city.",
      input: z.object({ city: z.string(), units: z.enum(["metric", "imperial"]).default("metric") }),
      output: z.object({ celsius: z.number() }),
    }),
  ],
});
const logged: { event: string }[] = [];
const log = (line: { event: string }) => logged.push(line);
const context = {
  ...fakeContext().ctx,
  console: { debug: () => {}, info: log, warn: log, error: log },
} as unknown as Context;

const ask = (asked: Agent, model: string) =>
  handlersOf(asked, model, (ctx, from, told) =>
    new SdkLoop(ctx, asked, brief(asked), from, told).run((run) => runAiSdkLoop(run)),
  ).run(context, { message: "The weather in Tokyo?" });

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
afterEach(() => {
  vi.unstubAllEnvs();
  logged.length = 0;
});

describe.each(Object.keys(PROTOCOLS) as Protocol[])("over %s", (protocol) => {
  const { name, settings } = PROTOCOLS[protocol];
  beforeEach(() => {
    const environment = {
      OPENAI_BASE_URL: `${provider.url}/v1`,
      OPENAI_API_KEY: KEY,
      ANTHROPIC_BASE_URL: `${provider.url}/v1`,
      ANTHROPIC_API_KEY: KEY,
      GEMINI_BASE_URL: provider.url,
      GEMINI_API_KEY: KEY,
      BEDROCK_BASE_URL: provider.url,
      AWS_SECRET_ACCESS_KEY: KEY,
      ...settings,
    };
    for (const [key, value] of Object.entries(environment)) vi.stubEnv(key, value);
  });
  const run = () => ask(agent, name);

  test("the request offers the tools one call at a time, keeps nothing at the provider, and gets its text", async () => {
    provider.use(answer("Sunny."));
    expect(await run()).toMatchObject({ answer: "Sunny.", finishReason: "stop", turns: 1, toolCalls: [] });
    expect(provider.requests).toHaveLength(1);
    const [{ body }] = provider.requests as [Provider["requests"][number]];
    expect(JSON.stringify(body)).toContain("Be brief.");
    expect(JSON.stringify(body)).toContain("get_weather");
    expect(oneAtATime(protocol, body)).toBe(true);
    if (protocol === "OpenAI Responses") expect(body.store).toBe(false);
    expect(logged).toEqual([
      expect.objectContaining({ event: "turn ended", turn: 1, model: name, calls: [] }),
      expect.objectContaining({ event: "run ended", finishReason: "stop", turns: 1, toolCalls: 0 }),
    ]);
  });

  test("a refused key is a terminal 502 in words, asked once", async () => {
    provider.use(Response.json({ error: { message: `bad ${KEY}` } }, { status: 401 }));
    await expect(run()).rejects.toMatchObject({
      message: `The model ${name} rejected the API key (401)`,
      code: 502,
    });
    expect(provider.requests).toHaveLength(1);
    expect(logged).toEqual([
      { event: "model request failed", model: name, status: 401, retryable: false },
      { event: "run failed", code: 502, errorType: "ModelFailure" },
    ]);
  });

  test("a key that is missing is a terminal 502 in words", async () => {
    for (const key of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AWS_SECRET_ACCESS_KEY"])
      vi.stubEnv(key, "");
    await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(/has no value$/), code: 502 });
  });
});

test("the agent's settings are sent, and what the model does not take is logged once", async () => {
  for (const [key, value] of Object.entries({ OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: KEY }))
    vi.stubEnv(key, value);
  const tuned = defineAgent({
    ...agent,
    temperature: 0.2,
    maxOutputTokens: 300,
    reasoning: "low",
    providerOptions: { openai: { promptCacheKey: "k" } },
  });
  const model = "openai/gpt-5.4-nano";
  for (const _ of [1, 2]) {
    provider.use(answer("Sunny."));
    await ask(tuned, model);
    expect(provider.requests[0]?.body).toMatchObject({
      max_output_tokens: 300,
      reasoning: { effort: "low" },
      prompt_cache_key: "k",
      store: false,
    });
  }
  expect(logged.filter(({ event }) => event === "model setting not taken")).toEqual([
    { event: "model setting not taken", model, type: "unsupported", setting: "temperature" },
  ]);
});

test("F9: a run whose journal is full gets a last turn without tools", async () => {
  for (const [key, value] of Object.entries({ OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: KEY }))
    vi.stubEnv(key, value);
  const looking = { ...calls({ id: "c", name: "get_weather", input: {} }), content: "x".repeat(900_000) };
  provider.use(...Array(4).fill(looking), answer("That is all."));
  const output = await ask({ ...agent, limits: { ...agent.limits, maxTurns: 20 } }, "openai/gpt-5.4");
  expect(output).toMatchObject({ answer: "That is all.", finishReason: "max-bytes", turns: 5 });
  expect(provider.requests.map(({ body }) => body.tool_choice)).toEqual([...Array(4).fill("auto"), "none"]);
});

function oneAtATime(protocol: Protocol, body: Provider["requests"][number]["body"]): boolean {
  switch (protocol) {
    case "OpenAI Responses":
    case "OpenAI Chat Completions":
      return body.parallel_tool_calls === false;
    case "Anthropic Messages":
      return body.tool_choice?.disable_parallel_tool_use === true;
    case "Gemini":
      // It has no field for it: the loop's own rule has to do.
      return !/parallel/i.test(JSON.stringify(body));
    case "Bedrock Converse":
      return JSON.stringify(body).includes('"disable_parallel_tool_use":true');
  }
}
