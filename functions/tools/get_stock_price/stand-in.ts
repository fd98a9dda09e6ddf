import { defineStandIn, SANDBOX_KEY } from "fanout/sandbox";
import { Hono } from "hono";
import sample from "./stand-in/tickers.json" with { type: "json" };
import { words } from "./stand-in/words.ts";

const tickers: Record<string, { company: string; quote: object }> = sample;

/** What Finnhub answers for a ticker that it does not know. */
const UNKNOWN = { c: 0, d: null, dp: null, h: 0, l: 0, o: 0, pc: 0, t: 0 };

/** Finnhub's quote endpoint over sample prices; any key but an empty one is good. @see https://finnhub.io/docs/api/quote */
export default defineStandIn({
  provider: "finnhub",
  latencyMs: 450,
  env: (url) => ({ FINNHUB_URL: url, FINNHUB_API_KEY: SANDBOX_KEY }),
  trouble: (status) => ({
    error:
      status === 429
        ? "API limit reached. Please try again later. Remaining Limit: 0"
        : "Internal server error",
  }),
  app: new Hono().get("/api/v1/quote", (c) => {
    if (!c.req.header("x-finnhub-token") && !c.req.query("token")) {
      return c.json({ error: "Please use an API key." }, 401);
    }
    const symbol = c.req.query("symbol") ?? "";
    return c.json(Object.hasOwn(tickers, symbol) ? tickers[symbol]?.quote : UNKNOWN);
  }),
  words,
});
