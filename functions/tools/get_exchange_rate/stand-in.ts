import { defineStandIn } from "fanout/sandbox";
import { Hono } from "hono";
import sample from "./stand-in/currencies.json" with { type: "json" };
import { words } from "./stand-in/words.ts";

const currencies: Record<string, { name: string; perEuro: number }> = sample.currencies;

/** Rates carry five significant digits, as the ECB publishes them. */
const round = (rate: number) => Number(rate.toPrecision(5));

/** Frankfurter's v1 API over sample rates. @see https://frankfurter.dev/v1/ */
export default defineStandIn({
  provider: "frankfurter",
  env: (url) => ({ FRANKFURTER_URL: url }),
  trouble: (status) => ({ message: status === 429 ? "too many requests" : "internal server error" }),
  app: new Hono()
    .get("/v1/latest", (c) => {
      const base = (c.req.query("base") ?? sample.base).toUpperCase();
      const from = currencies[base];
      const asked = c.req.query("symbols")?.toUpperCase().split(",") ?? Object.keys(currencies);
      const symbols = asked.filter((symbol) => symbol !== base && Object.hasOwn(currencies, symbol)).sort();
      if (!from || symbols.length === 0) return c.json({ message: "not found" }, 404);
      const rates = Object.fromEntries(
        symbols.map((symbol) => [symbol, round((currencies[symbol]?.perEuro ?? 0) / from.perEuro)]),
      );
      return c.json({ amount: 1, base, date: sample.date, rates });
    })
    .get("/v1/currencies", (c) =>
      c.json(Object.fromEntries(Object.entries(currencies).map(([code, { name }]) => [code, name]))),
    )
    .notFound((c) => c.json({ message: "not found" }, 404)),
  words,
});
