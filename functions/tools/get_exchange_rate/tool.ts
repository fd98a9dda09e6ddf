import { defineTool } from "fanout/tool";
import * as z from "zod";

const currency = (role: string) =>
  z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{3}$/, "expected a three-letter ISO 4217 code such as USD")
    .describe(`The currency to convert ${role}: a three-letter ISO 4217 code such as USD.`);

export default defineTool({
  name: "get_exchange_rate",
  description:
    "The latest exchange rate between two currencies: how much of `to` one unit of `from` buys. " +
    "European Central Bank reference rates, updated on working days.",
  input: z.object({ from: currency("from"), to: currency("to") }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    rate: z.number().positive(),
    date: z.string().describe("The day the rate was published, YYYY-MM-DD."),
    source: z.string(),
  }),
  env: { FRANKFURTER_URL: "https://api.frankfurter.dev" },
});
