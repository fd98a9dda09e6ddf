import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "get_holidays",
  description: "The public holidays of a country in a year, or in one month of it. Source: Nager.Date.",
  input: z.object({
    country: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z]{2}$/, "expected a two-letter ISO 3166 code such as JP")
      .describe("The country: a two-letter ISO 3166 code, such as JP for Japan."),
    year: z.int().min(1976).max(2076),
    month: z.int().min(1).max(12).optional().describe("1 is January. Without it: the whole year."),
  }),
  output: z.object({
    holidays: z.array(
      z.object({ date: z.string().describe("YYYY-MM-DD."), name: z.string(), localName: z.string() }),
    ),
  }),
  env: { NAGER_DATE_URL: "https://date.nager.at" },
});
