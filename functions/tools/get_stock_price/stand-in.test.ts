import { type RunningStandIn, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const quote = (symbol: string, headers: Record<string, string> = { "x-finnhub-token": "k" }) =>
  fetch(`${provider.url}/api/v1/quote?symbol=${symbol}`, { headers });

test("Finnhub: a quote, zeros for an unknown ticker, 401 without a key", async () => {
  expect(await (await quote("AAPL")).json()).toEqual({
    ...{ c: 231.42, d: 1.55, dp: 0.6743, h: 232.81, l: 228.72, o: 230.1, pc: 229.87, t: 1778875200 },
  });
  expect(await (await quote("NOPE")).json()).toMatchObject({ c: 0, d: null, t: 0 });
  expect((await quote("AAPL", {})).status).toBe(401);
});

test.each([
  [429, { rateLimitRate: 1 }],
  [500, { errorRate: 1 }],
])("Finnhub: %d in its own words", async (status, fault) => {
  provider.fail(fault);
  const refused = await quote("AAPL");
  provider.recover();
  expect([refused.status, await refused.json()]).toEqual([status, { error: expect.any(String) }]);
});
