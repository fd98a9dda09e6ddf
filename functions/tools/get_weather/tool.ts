import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "get_weather",
  description: "The current weather in a city: temperature, sky and wind. Source: Open-Meteo.",
  input: z.object({
    city: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .describe(
        'City name, such as "Tokyo". Add a country after a comma to narrow it down: "Paris, France".',
      ),
  }),
  output: z.object({
    city: z.string(),
    country: z.string(),
    celsius: z.number(),
    sky: z.string().describe('In words, such as "partly cloudy".'),
    windKmh: z.number().describe("Wind speed 10 m above ground, in km/h."),
    observedAt: z.string().describe("ISO 8601, UTC."),
  }),
  env: {
    OPEN_METEO_GEOCODING_URL: "https://geocoding-api.open-meteo.com",
    OPEN_METEO_URL: "https://api.open-meteo.com",
  },
});
