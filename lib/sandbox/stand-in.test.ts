import { Hono } from "hono";
import { expect, test } from "vitest";
import { defineStandIn } from "./stand-in.ts";

const app = new Hono();
const env = () => ({});
const words = {
  example: "tide",
  find: (text: string) => (text === "tide" ? [{ at: 0, length: 4, input: {} }] : []),
  say: () => undefined,
};
const start = async () => ({ env: {}, stop: async () => {} });

test("a stand-in has a provider with its latency, words, or both", () => {
  expect(defineStandIn({ provider: "tides", app, env })).toEqual({
    provider: { name: "tides", latencyMs: 300, app, env },
    words: undefined,
  });
  expect(defineStandIn({ provider: "tides-2", latencyMs: 0, start, words })).toEqual({
    provider: { name: "tides-2", latencyMs: 0, start },
    words,
  });
  expect(defineStandIn({ words })).toEqual({ words });
});

test.each<[string, object, string]>([
  [
    "a name with a space",
    { provider: "My Tides", app, env },
    'Stand-in "My Tides": provider: expected kebab-case, such as open-meteo, got "My Tides".',
  ],
  ["a name with a slash", { provider: "tides/v1", app, env }, "expected kebab-case"],
  ["the control endpoints' name", { provider: "_control", app, env }, "expected kebab-case"],
  [
    "a model provider's name",
    { provider: "openai", app, env },
    'expected another name than the model providers\', openai, anthropic, google, bedrock, got "openai".',
  ],
  ["a negative latency", { provider: "tides", app, env, latencyMs: -1 }, "latencyMs: Too small"],
  ["a field that does not exist", { provider: "tides", app, env, latency: 1 }, 'Unrecognized key: "latency"'],
  [
    "something that is not an app",
    { provider: "tides", app: { fetch: 1 }, env },
    "app: expected a Hono app, got",
  ],
  [
    "settings that are not a function",
    { provider: "tides", app, env: { TIDE_URL: "x" } },
    "env: expected a function from a URL to settings, got",
  ],
  [
    "an app without settings",
    { provider: "tides", app },
    "expected either app and env, or start, got provider, app.",
  ],
  [
    "an app and a server",
    { provider: "tides", app, env, start },
    "expected either app and env, or start, got provider, app, env, start.",
  ],
  [
    "nothing that answers",
    { provider: "tides", words },
    "expected either app and env, or start, got provider, words.",
  ],
  [
    "an app without a provider",
    { app, env },
    "Stand-in: expected a provider, or nothing but words, got app, env.",
  ],
  ["nothing", {}, "Stand-in: expected a provider, or nothing but words, got nothing."],
  [
    "words without a question",
    { words: { ...words, example: undefined } },
    "Stand-in: words.example: expected string, got nothing.",
  ],
  [
    "words that do not find their own example",
    { words: { ...words, example: "ebb" } },
    'Stand-in: words.find: expected a call found in the example "ebb", got none.',
  ],
])("%s is refused: what was expected, and what came", (_, definition, message) => {
  expect(() => defineStandIn(definition as Parameters<typeof defineStandIn>[0])).toThrow(
    new TypeError(message).message,
  );
});
