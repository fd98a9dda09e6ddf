import { type Sandbox, startSandbox } from "fanout/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  const faults = { tavily: { latencyMs: 0 } };
  sandbox = await startSandbox({ standIns: { search_web: standIn }, models: false, faults });
});
afterAll(() => sandbox.stop());

const search = (body: object, authorization = "Bearer k") =>
  fetch(`${sandbox.url}/tavily/search`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const PROBLEM = { detail: { error: expect.any(String) } };

test("Tavily: pages with a score, as many as asked for", async () => {
  const found = await search({ query: "Durable execution", max_results: 1 });
  expect(await found.json()).toEqual({
    query: "Durable execution",
    answer: null,
    images: [],
    results: [
      {
        title: "Durable execution explained (sandbox)",
        url: "https://example.com/durable-execution",
        content: expect.stringContaining("records each step"),
        score: 0.97,
      },
    ],
    response_time: 0,
  });
});

test.each([
  ["without a key", 401, { query: "x" }, ""],
  ["without a query", 400, {}, "Bearer k"],
  ["with more results than it gives", 400, { query: "x", max_results: 21 }, "Bearer k"],
])("Tavily: a request %s is a %d with its reason", async (_, status, body, authorization) => {
  const refused = await search(body, authorization);
  expect([refused.status, await refused.json()]).toEqual([status, PROBLEM]);
});

test.each([
  [429, { rateLimitRate: 1 }],
  [500, { errorRate: 1 }],
])("Tavily: %d in its own words", async (status, fault) => {
  sandbox.faults.set("tavily", { latencyMs: 0, ...fault });
  const refused = await search({ query: "x" });
  sandbox.faults.set("tavily", { latencyMs: 0 });
  expect([refused.status, await refused.json()]).toEqual([status, PROBLEM]);
});
