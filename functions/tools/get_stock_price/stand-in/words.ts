import { type Found, sentencesOf, type Words } from "fanout/sandbox";
import * as z from "zod";
import tickers from "./tickers.json" with { type: "json" };

const ASKS = /\b(?:stocks?|shares?|prices?|quotes?|tickers?|trading)\b/i;
const SYMBOL = /(?<![A-Za-z0-9.])\$?([A-Z]{1,5}(?:\.[A-Z])?)(?![A-Za-z0-9])/g;
const ABBREVIATIONS = "A I AI API CEO ETF EU IPO SQL UK US USA WEB";
/** Only the usual ones: others are also tickers, such as NIO. */
const CURRENCIES =
  "AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY USD ZAR";
/** Words in capitals that are not tickers. */
const NOT_TICKERS = new Set(`${ABBREVIATIONS} ${CURRENCIES}`.split(" "));

const output = z.object({
  symbol: z.string(),
  price: z.number(),
  currency: z.string().optional(),
  changePercent: z.number().nullable(),
});

/** Share prices: tickers in capitals and company names, in a sentence about shares; known tickers anywhere. */
export const words: Words = {
  // After the other samples: any word in capitals may be a ticker.
  order: 11,
  example: "What is the AAPL share price?",
  find: (words) =>
    sentencesOf(words).flatMap(({ at, text }) =>
      unique([...symbolsIn(text), ...companiesIn(text)]).map((found) => ({ ...found, at: at + found.at })),
    ),
  say: (_input, result) => {
    const { data } = output.safeParse(result);
    if (!data) return undefined;
    const { symbol, price, currency, changePercent } = data;
    const change =
      changePercent === null ? "" : ` (${changePercent >= 0 ? "+" : ""}${changePercent.toFixed(2)} %)`;
    return `${symbol}: ${price}${currency ? ` ${currency}` : ""}${change}.`;
  },
};

function symbolsIn(sentence: string): Found[] {
  const asksForPrice = ASKS.test(sentence);
  return [...sentence.matchAll(SYMBOL)].flatMap((match) => {
    const [whole, symbol = ""] = match;
    const known = Object.hasOwn(tickers, symbol) && symbol.length > 2;
    const possible = asksForPrice && !NOT_TICKERS.has(symbol);
    return known || possible ? [{ at: match.index, length: whole.length, input: { symbol } }] : [];
  });
}

function companiesIn(sentence: string): Found[] {
  if (!ASKS.test(sentence)) return [];
  return Object.entries(tickers).flatMap(([symbol, { company }]) => {
    const match = new RegExp(`\\b${company}\\b`, "i").exec(sentence);
    return match ? [{ at: match.index, length: company.length, input: { symbol } }] : [];
  });
}

/** "Apple (AAPL)" is one share. */
function unique(found: Found[]): Found[] {
  const seen = new Set<unknown>();
  return found.filter(({ input: { symbol } }) => !seen.has(symbol) && seen.add(symbol));
}
