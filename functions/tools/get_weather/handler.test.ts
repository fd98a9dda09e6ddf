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

const ask = (city: string, env = provider.env) => runTool(service, { city }, { env });

describe("get_weather", () => {
  test("finds the city and says its weather in words and metric units", async () => {
    const weather = await ask("Tokyo");
    expect(tool.output.parse(weather)).toEqual(weather);
    expect(weather).toMatchObject({
      city: "Tokyo",
      country: "Japan",
      celsius: 18.4,
      sky: "partly cloudy",
      windKmh: 11.2,
    });
    expect(Date.now() - Date.parse(weather.observedAt)).toBeLessThan(16 * 60_000);
  });

  test("narrows a name down by country", async () => {
    expect(await ask("Paris, France")).toMatchObject({ city: "Paris", country: "France" });
  });

  test("names an unknown city, and does not try again", async () => {
    await expect(ask("Atlantsi")).rejects.toMatchObject({
      message: 'No city is called "Atlantsi". Check the spelling.',
      retryable: false,
    });
  });

  test("reports trouble at the provider as a failure worth another attempt", async () => {
    provider.fail({ rateLimitRate: 1 });
    await expect(ask("Tokyo")).rejects.toMatchObject({ retryable: true, retryAfterSeconds: 1 });
    provider.fail({ errorRate: 1 });
    await expect(ask("Tokyo")).rejects.toMatchObject({
      message: "Open-Meteo has a problem (status 500)",
      retryable: true,
    });
    provider.recover();
  });

  test("says so when the sky has a code that the WMO table lacks", async () => {
    const odd = await serveOnLoopback(
      new Hono()
        .get("/v1/search", (c) =>
          c.json({ results: [{ name: "Ys", country: "Brittany", latitude: 48, longitude: -4 }] }),
        )
        .get("/v1/forecast", (c) =>
          c.json({ current: { time: 0, temperature_2m: -1, weather_code: 42, wind_speed_10m: 0 } }),
        ),
    );
    expect(await ask("Ys", { OPEN_METEO_GEOCODING_URL: odd.url, OPEN_METEO_URL: odd.url })).toMatchObject({
      sky: "unknown (WMO code 42)",
      celsius: -1,
    });
    await odd.stop();
  });
});
