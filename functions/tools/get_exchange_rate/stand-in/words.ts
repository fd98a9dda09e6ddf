import { type Found, sentencesOf, type Words } from "fanout/sandbox";
import * as z from "zod";
import sample from "./currencies.json" with { type: "json" };

const ASKS = /\b(?:rates?|exchange|convert|currenc(?:y|ies)|worth)\b/i;

/** What people call currencies. */
const NAMES: Record<string, string> = {
  "us dollar": "USD",
  dollar: "USD",
  euro: "EUR",
  yen: "JPY",
  pound: "GBP",
  sterling: "GBP",
  "swiss franc": "CHF",
  franc: "CHF",
  yuan: "CNY",
  renminbi: "CNY",
  rupee: "INR",
  won: "KRW",
  zloty: "PLN",
  rand: "ZAR",
  shekel: "ILS",
};
const MENTION = `(?:${Object.keys(NAMES).join("|")})s?|[A-Za-z]{3}`;
const PAIR = new RegExp(
  `(?<![A-Za-z])(?:(between)\\s+)?(${MENTION})\\s*(/|-|→|->|\\b(?:to|in|into|vs\\.?|versus|against|per|and)\\b)\\s*(?:the\\s+)?(${MENTION})(?![A-Za-z])`,
  "gi",
);
const MORE = new RegExp(
  `(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+)(?:to\\s+|in\\s+)?(${MENTION})(?![A-Za-z])`,
  "iy",
);

const output = z.object({ from: z.string(), to: z.string(), rate: z.number(), date: z.string() });

/** Exchange rates: "USD to JPY", "EUR/CHF and GBP", "dollars in yen", "between USD and JPY". */
export const words: Words = {
  example: "What is the USD to JPY rate?",
  find: (words) =>
    sentencesOf(words).flatMap(({ at, text }) =>
      pairsIn(text).map((found) => ({ ...found, at: at + found.at })),
    ),
  say: (_input, result) => {
    const { data } = output.safeParse(result);
    return data && `1 ${data.from} = ${data.rate} ${data.to} (${data.date}).`;
  },
};

function pairsIn(sentence: string): Found[] {
  const asksForRate = ASKS.test(sentence);
  return [...sentence.matchAll(PAIR)].flatMap((match) => {
    const [whole, between, left = "", link = "", right = ""] = match;
    // "and" links a pair only after "between".
    if ((link.toLowerCase() === "and") !== (between !== undefined)) return [];
    const [from, to] = link.toLowerCase() === "per" ? [right, left] : [left, right];
    const first = codeOf(from, asksForRate || isKnown(to));
    const second = codeOf(to, asksForRate || isKnown(from));
    if (!first || !second) return [];
    const end = match.index + whole.length;
    return [
      { at: match.index, length: whole.length, input: { from: first, to: second } },
      ...moreTargets(sentence, end, first),
    ];
  });
}

function moreTargets(sentence: string, start: number, from: string): Found[] {
  MORE.lastIndex = start;
  const match = MORE.exec(sentence);
  const to = match?.[1] && codeOf(match[1], false);
  if (!match || !to) return [];
  return [
    { at: start, length: match[0].length, input: { from, to } },
    ...moreTargets(sentence, start + match[0].length, from),
  ];
}

const codeIn = (mention: string) => NAMES[mention.toLowerCase().replace(/s$/, "")] ?? mention.toUpperCase();
const isKnown = (mention: string) => Object.hasOwn(sample.currencies, codeIn(mention));

/** Unknown codes count if a rate is clearly meant, so that the tool can say that they are unknown. */
function codeOf(mention: string, unknownToo: boolean): string | undefined {
  if (isKnown(mention)) return codeIn(mention);
  return unknownToo && /^[A-Z]{3}$/.test(mention) ? mention : undefined;
}
