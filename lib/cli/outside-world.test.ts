import { describe, expect, test } from "vitest";
import { chooseOutsideWorld } from "./outside-world.ts";

describe("the outside world", () => {
  test("is the sandbox where there is no key", () => {
    expect(chooseOutsideWorld({ FINNHUB_API_KEY: "mine", FANOUT_MODEL: "openai/gpt-5.4" }, {})).toEqual({
      model: undefined,
      sandbox: { models: true, upstreams: true },
      environment: {},
      description: "the offline sandbox model (no API key found), sandbox data",
    });
  });

  test("has a real model where there is a key, and sandbox data beside it", () => {
    expect(chooseOutsideWorld({ OPENAI_API_KEY: "sk", DATABASE_URL: "postgres://mine" }, {})).toEqual({
      model: undefined,
      sandbox: { models: false, upstreams: true },
      environment: { OPENAI_API_KEY: "sk" },
      description: "a real model, sandbox data",
    });
  });

  test("uses an Anthropic model where that is the only key, unless another one is named", () => {
    const key = { ANTHROPIC_API_KEY: "sk" };
    expect(chooseOutsideWorld(key, {}).model).toBe("anthropic/claude-haiku-4-5");
    expect(chooseOutsideWorld({ ...key, FANOUT_MODEL: "anthropic/claude-x" }, {}).model).toBe(
      "anthropic/claude-x",
    );
    expect(chooseOutsideWorld({ ...key, OPENAI_API_KEY: "sk" }, {}).model).toBeUndefined();
  });

  test("takes a server of one's own without a key", () => {
    const { sandbox, environment } = chooseOutsideWorld(
      { OPENAI_BASE_URL: "http://localhost:11434/v1", OPENAI_API: "chat" },
      {},
    );
    expect(sandbox.models).toBe(false);
    expect(environment).toEqual({
      OPENAI_BASE_URL: "http://localhost:11434/v1",
      OPENAI_API: "chat",
      OPENAI_API_KEY: "none",
    });
  });

  test("--offline keeps a key away from the functions", () => {
    expect(chooseOutsideWorld({ OPENAI_API_KEY: "sk" }, { offline: true })).toEqual({
      model: undefined,
      sandbox: { models: true, upstreams: true },
      environment: {},
      description: "the offline sandbox model, sandbox data",
    });
  });

  test("--online asks the real providers, with the keys there are", () => {
    const { sandbox, environment } = chooseOutsideWorld(
      { FINNHUB_API_KEY: "f", TAVILY_API_KEY: "", SMTP_URL: "smtps://mine", MAIL_FROM: "me@example.com" },
      { online: true },
    );
    expect(sandbox).toEqual({ models: true, upstreams: false });
    expect(environment).toEqual({
      FINNHUB_API_KEY: "f",
      SMTP_URL: "smtps://mine",
      MAIL_FROM: "me@example.com",
    });
  });
});
