import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "get_stock_price",
  description:
    "The latest price of a share listed in the US, and its change since the previous close. Source: Finnhub.",
  input: z.object({
    symbol: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z0-9.:-]{1,20}$/, "expected a ticker symbol such as AAPL")
      .describe("Ticker symbol, such as AAPL or BRK.B."),
  }),
  output: z.object({
    symbol: z.string(),
    price: z.number(),
    currency: z.string().optional().describe("ISO 4217 code. Missing if the provider does not say."),
    change: z.number().nullable().describe("Since the previous close, in the share's currency."),
    changePercent: z.number().nullable(),
    previousClose: z.number(),
    asOf: z.string().describe("ISO 8601, UTC."),
  }),
  env: { FINNHUB_URL: "https://finnhub.io" },
  secrets: ["FINNHUB_API_KEY"],
});
