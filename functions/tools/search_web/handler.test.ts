import { type Sandbox, serveOnLoopback, startSandbox } from "fanout/sandbox";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchWeb } from "./handler.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({
    standIns: { search_web: standIn },
    models: false,
    faults: { tavily: { latencyMs: 0 } },
  });
});
afterAll(() => sandbox.stop());

const ask = (query: string, { maxResults = 5, url = `${sandbox.url}/tavily`, key = "a-key" } = {}) =>
  searchWeb(tool.input.parse({ query, maxResults }), {
    env: { TAVILY_URL: url },
    secrets: { TAVILY_API_KEY: key },
    signal: new AbortController().signal,
    attempt: 1,
    idempotencyKey: "test",
  });

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
    expect(await ask("q", { url: tavily.url, key: "tvly-1" })).toEqual({ answer: "42", results: [] });
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
    await expect(ask("q", { key: "" })).rejects.toMatchObject({
      message: "Tavily rejected the API key",
      retryable: false,
    });
  });

  test("reports trouble at the provider as a failure worth another attempt", async () => {
    sandbox.faults.set("tavily", { latencyMs: 0, errorRate: 1 });
    await expect(ask("q")).rejects.toMatchObject({ retryable: true });
    sandbox.faults.set("tavily", { latencyMs: 0 });
  });
});
