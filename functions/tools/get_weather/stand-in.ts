import { defineStandIn } from "fanout/sandbox";
import { Hono } from "hono";
import cities from "./stand-in/cities.json" with { type: "json" };
import { words } from "./stand-in/words.ts";

type City = (typeof cities)[number];

/** What Open-Meteo sends with a 400 and a 429. @see https://open-meteo.com/en/docs#errors */
const error = (reason: string) => ({ error: true, reason });

/** Open-Meteo's geocoding and forecast APIs over sample cities. @see https://open-meteo.com/en/docs/geocoding-api */
export default defineStandIn({
  provider: "open-meteo",
  latencyMs: 200,
  env: (url) => ({ OPEN_METEO_GEOCODING_URL: url, OPEN_METEO_URL: url }),
  trouble: (status) =>
    error(
      status === 429
        ? "Minutely API request limit exceeded. Please try again in one minute."
        : "Internal error (sandbox)",
    ),
  app: new Hono()
    .get("/v1/search", (c) => {
      const name = c.req.query("name");
      if (name === undefined) return c.json(error("Parameter 'name' is missing"), 400);
      const found = search(name).slice(0, Number(c.req.query("count") ?? 10));
      const generationtime_ms = 0.5;
      // The real API leaves `results` out when nothing matches.
      return c.json(
        found.length > 0 ? { results: found.map(asPlace), generationtime_ms } : { generationtime_ms },
      );
    })
    .get("/v1/forecast", (c) => {
      const latitude = coordinate(c.req.query("latitude"));
      const longitude = coordinate(c.req.query("longitude"));
      if (latitude === undefined || longitude === undefined) {
        return c.json(error("Parameter 'latitude' and 'longitude' must be numbers"), 400);
      }
      const fields = (c.req.query("current") ?? "").split(",").filter((field) => field !== "");
      const unknown = fields.find((field) => !(field in UNITS));
      if (unknown) {
        return c.json(
          error(`Cannot initialize VariableAndPreviousDay from invalid String value ${unknown}.`),
          400,
        );
      }
      return c.json(forecast(nearest(latitude, longitude), fields, c.req.query("timeformat") === "unixtime"));
    }),
  words,
});

function search(name: string): City[] {
  const [place = "", region] = name.split(",").map(fold);
  if (place.length < 2) return [];
  return cities.filter(
    (city) =>
      fold(city.name) === place &&
      (!region || [city.country, city.country_code, city.admin1].some((part) => fold(part) === region)),
  );
}

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").trim().toLowerCase();

function asPlace({ current: _, ...place }: City) {
  return place;
}

const coordinate = (text: string | undefined) =>
  text === undefined || text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);

function nearest(latitude: number, longitude: number): City {
  const distance = (city: City) => Math.hypot(city.latitude - latitude, city.longitude - longitude);
  return cities.reduce((best, city) => (distance(city) < distance(best) ? city : best));
}

const UNITS: Record<string, string> = {
  temperature_2m: "°C",
  weather_code: "wmo code",
  wind_speed_10m: "km/h",
};

/** Readings come every 15 minutes. */
const INTERVAL_SECONDS = 900;

function forecast({ latitude, longitude, current }: City, fields: string[], unixTime: boolean) {
  const seconds = Math.floor(Date.now() / 1000 / INTERVAL_SECONDS) * INTERVAL_SECONDS;
  const values: Record<string, number> = current;
  const pick = <T>(of: Record<string, T>) => Object.fromEntries(fields.map((field) => [field, of[field]]));
  return {
    latitude,
    longitude,
    generationtime_ms: 0.1,
    utc_offset_seconds: 0,
    timezone: "GMT",
    timezone_abbreviation: "GMT",
    elevation: 20,
    current_units: {
      time: unixTime ? "unixtime" : "iso8601",
      interval: "seconds",
      ...pick(UNITS),
    },
    current: {
      time: unixTime ? seconds : new Date(seconds * 1000).toISOString().slice(0, 16),
      interval: INTERVAL_SECONDS,
      ...pick(values),
    },
  };
}
