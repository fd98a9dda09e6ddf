import { TerminalError } from "@restatedev/restate-sdk/lambda";
import { describe, expect, test } from "vitest";
import { type AgentDefinition, defineAgent } from "./definition.ts";
import { agentInput, runSettings } from "./input.ts";

const OPENAI = "openai/gpt-5.4";
const CLAUDE = "anthropic/claude-haiku-4-5";

const agentWith = (settings: Partial<AgentDefinition> | Record<string, unknown>) =>
  defineAgent({
    name: "Tuned",
    description: "Answers.",
    model: OPENAI,
    instructions: "Be brief.",
    tools: [],
    ...settings,
  });

test("what is left out is as the provider has it, without fallbacks or caching, for 120 s", () => {
  const agent = agentWith({});
  expect(agent).toMatchObject({ fallbacks: [], promptCaching: "off", modelTimeout: { seconds: 120 } });
  for (const field of ["temperature", "maxOutputTokens", "reasoning", "providerOptions"])
    expect(agent).not.toHaveProperty(field);
});

test.each([
  [{ temperature: 2.1 }, "temperature"],
  [{ maxOutputTokens: 0 }, "maxOutputTokens"],
  [
    { reasoning: "max" },
    'reasoning: expected one of "none"|"minimal"|"low"|"medium"|"high"|"xhigh", got "max"',
  ],
  [{ promptCaching: true }, 'promptCaching: expected one of "off"|"on", got true'],
  [{ modelTimeout: { seconds: 121 } }, "modelTimeout.seconds"],
  [{ fallbacks: ["gpt-5.4"] }, "fallbacks.0: expected provider/model, such as openai/gpt-5.4"],
  [{ fallbacks: [CLAUDE, CLAUDE] }, "fallbacks: expected each model once"],
  [{ fallbacks: ["a/1", "a/2", "a/3", "a/4", "a/5"] }, "fallbacks"],
  [
    { providerOptions: { amazonBedrock: {} } },
    "providerOptions: expected the options of openai, anthropic, google, bedrock only",
  ],
  [
    { providerOptions: { openai: { store: true } } },
    "providerOptions.openai: store is set by the run itself",
  ],
  [{ providerOptions: { openai: { user: () => "me" } } }, "providerOptions.openai.user"],
])("a setting that makes no sense is refused when the agent is defined: %j", (settings, problem) => {
  expect(() => agentWith(settings)).toThrow(`Agent "Tuned": ${problem}`);
});

describe("a run", () => {
  const agent = agentWith({ maxOutputTokens: 500 });

  test("may ask for shorter replies, and not for longer ones", () => {
    const input = agentInput(agent, OPENAI);
    const settings = (options: object) =>
      runSettings(agent, OPENAI, input.parse({ message: "Go.", ...options }));
    expect(settings({}).maxOutputTokens).toBe(500);
    expect(settings({ maxOutputTokens: 100 }).maxOutputTokens).toBe(100);
    expect(input.safeParse({ message: "Go.", maxOutputTokens: 501 }).success).toBe(false);
  });

  test("with a cost limit needs the price of every model that may reply", () => {
    const limits = { maxCostUsd: 1 };
    expect(() =>
      runSettings(agentWith({ fallbacks: [CLAUDE], limits }), OPENAI, { message: "Go." }),
    ).not.toThrow();
    const unpriced = agentWith({ fallbacks: [CLAUDE, "openai/qwen3"], limits });
    expect(() => runSettings(unpriced, OPENAI, { message: "Go." })).toThrow(
      new TerminalError("limits.maxCostUsd: there is no price for openai/qwen3", { errorCode: 400 }),
    );
  });
});
