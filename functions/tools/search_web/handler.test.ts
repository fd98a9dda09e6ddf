import { serveOnLoopback } from "fanout/sandbox";
import { type RunningStandIn, runTool, startStandIn } from "fanout/testing";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "./handler.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const ask = (query: string, { maxResults = 5, env = {} } = {}) =>
  runTool(service, { query, maxResults }, { env: { ...provider.env, ...env } });

describe("search_web", () => {
  test("returns pages that match, each with a snippet", async () => {
    const found = await ask("what is durable execution");
    expect(tool.output.parse(found)).toEqual(found);
    expect(found.results[0]).toEqual({
      title: "Durable execution explained (sandbox)",
      url: "https://example.com/durable-execution",
      snippet: expect.stringContaining("records each step"),
    });
    expect(found).not.toHaveProperty("answer");
  });

  test("returns no more pages than asked for, five by default", async () => {
    expect((await ask("anything", { maxResults: 1 })).results).toHaveLength(1);
    expect(tool.input.parse({ query: "x" }).maxResults).toBe(5);
  });

  test("sends what Tavily expects, and passes its short answer on", async () => {
    let asked: unknown;
    const tavily = await serveOnLoopback(
      new Hono().post("/search", async (c) => {
        asked = { ...(await c.req.json()), authorization: c.req.header("authorization") };
        return c.json({ query: "q", answer: "42", images: [], results: [], response_time: 0.1 });
      }),
    );
    expect(await ask("q", { env: { TAVILY_URL: tavily.url, TAVILY_API_KEY: "tvly-1" } })).toEqual({
      answer: "42",
      results: [],
    });
    expect(asked).toEqual({
      query: "q",
      max_results: 5,
      search_depth: "basic",
      include_answer: true,
      authorization: "Bearer tvly-1",
    });
    await tavily.stop();
  });

  test("says that the key was refused", async () => {
    await expect(ask("q", { env: { TAVILY_API_KEY: "" } })).rejects.toMatchObject({
      message: "Tavily rejected the API key",
      retryable: false,
    });
  });

  test("reports trouble at the provider as a failure worth another attempt", async () => {
    provider.fail({ errorRate: 1 });
    await expect(ask("q")).rejects.toMatchObject({ retryable: true });
    provider.recover();
  });
});
