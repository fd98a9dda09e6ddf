import { type RunningStandIn, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const search = (body: object, authorization = "Bearer k") =>
  fetch(`${provider.url}/search`, {
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
  provider.fail(fault);
  const refused = await search({ query: "x" });
  provider.recover();
  expect([refused.status, await refused.json()]).toEqual([status, PROBLEM]);
});
