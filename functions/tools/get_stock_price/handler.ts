import { fetchJson, implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import * as z from "zod";
import tool from "./tool.ts";

/** Current price, change, change in percent, previous close, time in seconds. @see https://finnhub.io/docs/api/quote */
const quote = z.object({
  c: z.number(),
  d: z.number().nullable(),
  dp: z.number().nullable(),
  pc: z.number(),
  t: z.number(),
});

type Context = ToolContext<keyof typeof tool.env, (typeof tool.secrets)[number]>;

/** Asks for the quote of one ticker. */
export async function getStockPrice(
  { symbol }: z.output<typeof tool.input>,
  { env, secrets, signal }: Context,
) {
  const { c, d, dp, pc, t } = await fetchJson(
    `${env.FINNHUB_URL}/api/v1/quote?${new URLSearchParams({ symbol })}`,
    {
      provider: "Finnhub",
      answer: quote,
      headers: { "X-Finnhub-Token": secrets.FINNHUB_API_KEY },
      signal,
    },
  );
  // Finnhub answers an unknown ticker with a quote of zeros.
  if (t === 0) throw new ToolError(`No share with the ticker ${JSON.stringify(symbol)}. Check the symbol.`);
  return {
    symbol,
    price: c,
    ...currencyOf(symbol),
    change: d,
    changePercent: dp,
    previousClose: pc,
    asOf: new Date(t * 1000).toISOString(),
  };
}

/** Finnhub names no currency. Plain tickers are US listings, in dollars; a suffix may be an exchange elsewhere. */
const currencyOf = (symbol: string) => (/^[A-Z]+$/.test(symbol) ? { currency: "USD" } : {});

export const service = implementTool(tool, getStockPrice);
export const handler = serve(service);
