import { type RunningStandIn, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const get = (path: string) => fetch(`${provider.url}${path}`);

test("Frankfurter: rates in a base, and 404 for a currency it does not have", async () => {
  expect(await (await get("/v1/latest?base=USD&symbols=JPY,EUR")).json()).toEqual({
    amount: 1,
    base: "USD",
    date: "2026-05-15",
    rates: { EUR: 0.92234, JPY: 149.74 },
  });
  const unknown = await get("/v1/latest?base=USD&symbols=XYZ");
  expect([unknown.status, await unknown.json()]).toEqual([404, { message: "not found" }]);
});

test.each([
  [429, { rateLimitRate: 1 }],
  [500, { errorRate: 1 }],
])("Frankfurter: %d in its own words", async (status, fault) => {
  provider.fail(fault);
  const refused = await get("/v1/latest");
  provider.recover();
  expect([refused.status, await refused.json()]).toEqual([status, { message: expect.any(String) }]);
});
