import { type RunningStandIn, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import standIn from "./stand-in.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const get = (path: string) => fetch(`${provider.url}${path}`);
const json = async (path: string) => (await get(path)).json();
const QUARTER_HOUR = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:(00|15|30|45)$/);

test("Open-Meteo: places, and no results at all for an unknown name", async () => {
  expect(await json("/v1/search?name=london&count=1")).toMatchObject({
    results: [{ name: "London", country: "United Kingdom", country_code: "GB", latitude: 51.50853 }],
  });
  expect(await json("/v1/search?name=Atlantsi")).not.toHaveProperty("results");
});

test("Open-Meteo: the current weather with its units, and a reason for a bad request", async () => {
  const now = await json("/v1/forecast?latitude=51.5&longitude=-0.1&current=temperature_2m,weather_code");
  expect(now).toMatchObject({
    current_units: { time: "iso8601", temperature_2m: "°C", weather_code: "wmo code" },
    current: { time: QUARTER_HOUR, interval: 900, temperature_2m: 11.6, weather_code: 61 },
  });
  expect(now).not.toHaveProperty("current.wind_speed_10m");
  const bad = await get("/v1/forecast?latitude=north");
  expect([bad.status, await bad.json()]).toEqual([400, { error: true, reason: expect.any(String) }]);
});

test.each([
  [429, { rateLimitRate: 1 }],
  [500, { errorRate: 1 }],
])("Open-Meteo: %d in its own words", async (status, fault) => {
  provider.fail(fault);
  const refused = await get("/v1/search");
  provider.recover();
  expect([refused.status, await refused.json()]).toEqual([
    status,
    { error: true, reason: expect.any(String) },
  ]);
});
