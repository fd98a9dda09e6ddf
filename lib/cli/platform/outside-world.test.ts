import { describe, expect, test } from "vitest";
import { chooseOutsideWorld, settingsWhileRunning } from "./outside-world.ts";

describe("the outside world", () => {
  test("is the sandbox if there is no key", () => {
    const settings = { FINNHUB_API_KEY: "mine", FANOUT_MODEL: "openai/gpt-5.4" };
    expect(chooseOutsideWorld(settings, {})).toEqual({
      model: undefined,
      sandbox: { models: true, upstreams: true },
      settings,
      description: "the offline sandbox model (no API key found), sandbox data",
    });
  });

  test("has a real model if there is a key, with sandbox data", () => {
    const settings = { OPENAI_API_KEY: "sk", DATABASE_URL: "postgres://mine" };
    expect(chooseOutsideWorld(settings, {})).toEqual({
      model: undefined,
      sandbox: { models: false, upstreams: true },
      settings,
      description: "a real model, sandbox data",
    });
  });

  test.each([
    ["an Anthropic", { ANTHROPIC_API_KEY: "sk" }, "anthropic/claude-haiku-4-5"],
    ["a Gemini", { GEMINI_API_KEY: "AI" }, "google/gemini-3.5-flash"],
  ])("uses %s model if that is the only key, unless another model is named", (_whose, key, model) => {
    expect(chooseOutsideWorld(key, {})).toMatchObject({ model, sandbox: { models: false } });
    expect(chooseOutsideWorld({ ...key, FANOUT_MODEL: "anthropic/claude-x" }, {}).model).toBe(
      "anthropic/claude-x",
    );
    expect(chooseOutsideWorld({ ...key, OPENAI_API_KEY: "sk" }, {}).model).toBeUndefined();
  });

  test("accepts your own server without a key", () => {
    const { sandbox, settings } = chooseOutsideWorld(
      { OPENAI_BASE_URL: "http://localhost:11434/v1", OPENAI_API: "chat" },
      {},
    );
    expect(sandbox.models).toBe(false);
    expect(settings).toEqual({
      OPENAI_BASE_URL: "http://localhost:11434/v1",
      OPENAI_API: "chat",
      OPENAI_API_KEY: "none",
    });
  });

  test("--offline is the sandbox's model even with a key", () => {
    expect(chooseOutsideWorld({ OPENAI_API_KEY: "sk" }, { offline: true })).toMatchObject({
      model: undefined,
      sandbox: { models: true, upstreams: true },
      description: "the offline sandbox model, sandbox data",
    });
  });

  test("--online has no stand-in except the model", () => {
    const { sandbox } = chooseOutsideWorld({ FINNHUB_API_KEY: "f" }, { online: true });
    expect(sandbox).toEqual({ models: true, upstreams: false });
  });

  test("a change of what is real is announced once, because it waits for the next start", () => {
    const own: Record<string, string> = {};
    const said: string[] = [];
    const read = () => chooseOutsideWorld(own, {});
    const settings = settingsWhileRunning(read(), read, (text) => said.push(text));
    own.TIME_API_KEY = "t";
    expect(settings()).toEqual({ TIME_API_KEY: "t" });
    expect(said).toEqual([]);
    own.OPENAI_API_KEY = "sk";
    settings();
    settings();
    expect(said).toEqual([".env: from the next start on there is a real model, sandbox data."]);
  });
});
