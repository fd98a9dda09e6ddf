import { fetchJson, implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import * as z from "zod";
import { skyOf } from "./sky.ts";
import tool from "./tool.ts";

/** @see https://open-meteo.com/en/docs/geocoding-api. An unknown name has no `results` at all. */
const places = z.object({
  results: z
    .array(
      z.object({
        name: z.string(),
        country: z.string().default(""),
        latitude: z.number(),
        longitude: z.number(),
      }),
    )
    .default([]),
});

/** @see https://open-meteo.com/en/docs */
const forecast = z.object({
  current: z.object({
    time: z.number(),
    temperature_2m: z.number(),
    weather_code: z.int(),
    wind_speed_10m: z.number(),
  }),
});

type Context = ToolContext<keyof typeof tool.env>;

/** Finds the city, then its weather. */
export async function getWeather({ city }: z.output<typeof tool.input>, { env, signal }: Context) {
  const place = await findPlace(city, env.OPEN_METEO_GEOCODING_URL, signal);
  const query = new URLSearchParams({
    latitude: String(place.latitude),
    longitude: String(place.longitude),
    current: "temperature_2m,weather_code,wind_speed_10m",
    timeformat: "unixtime",
  });
  const { current } = await fetchJson(`${env.OPEN_METEO_URL}/v1/forecast?${query}`, {
    provider: "Open-Meteo",
    answer: forecast,
    signal,
  });
  return {
    city: place.name,
    country: place.country,
    celsius: current.temperature_2m,
    sky: skyOf(current.weather_code),
    windKmh: current.wind_speed_10m,
    observedAt: new Date(current.time * 1000).toISOString(),
  };
}

async function findPlace(city: string, baseUrl: string, signal: AbortSignal) {
  const query = new URLSearchParams({ name: city, count: "1", language: "en", format: "json" });
  const { results } = await fetchJson(`${baseUrl}/v1/search?${query}`, {
    provider: "Open-Meteo",
    answer: places,
    signal,
  });
  const [place] = results;
  if (!place) throw new ToolError(`No city is called ${JSON.stringify(city)}. Check the spelling.`);
  return place;
}

export const service = implementTool(tool, getWeather);
export const handler = serve(service);
