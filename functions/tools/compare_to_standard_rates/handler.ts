import { implementTool, serve } from "fanout/tool";
import type * as z from "zod";
import rates from "./rates.json" with { type: "json" };
import tool from "./tool.ts";

type Comparison = z.output<typeof tool.output>;
type Range = NonNullable<Comparison["range"]>;
const { source } = rates;

/** Compares a claim with the range for its procedure at its kind of place, or at all places if that is not known. */
export function compareToStandardRates(claim: z.output<typeof tool.input>): Comparison {
  const { reason, placeOfService, amount } = claim;
  const procedure = bestMatch(rates.procedures, reason);
  const place = bestMatch(rates.places, placeOfService)?.name ?? null;
  if (!procedure) {
    const reasons = [`The rate table has no procedure for "${reason}".`];
    return { procedure: null, place, range: null, position: "unknown", percentOfHigh: null, reasons, source };
  }
  const ranges = new Map(Object.entries(procedure.ranges).filter(([, range]) => range));
  const own = ranges.get(place ?? "");
  const range = span(own ? [own] : [...ranges.values()]);
  const position = amount < range.low ? "below" : amount > range.high ? "above" : "within";
  return {
    procedure: procedure.name,
    place,
    range,
    position,
    percentOfHigh: Math.round((amount / range.high) * 100),
    reasons: [
      ...(own
        ? []
        : [`There is no rate for ${procedure.name} at "${placeOfService}": all places are compared.`]),
      `${amount} is ${position} the standard range of ${range.low} to ${range.high} for ${procedure.name}${own ? ` (${place})` : ""}.`,
    ],
    source,
  };
}

/** The row with the longest keyword in the text: "broken leg" says more than "broken". */
function bestMatch<Row extends { keywords: string[] }>(rows: readonly Row[], text: string): Row | undefined {
  const matches = rows.flatMap((row) =>
    row.keywords.filter((word) => mentions(text, word)).map((word) => ({ row, length: word.length })),
  );
  return matches.sort((a, b) => b.length - a.length)[0]?.row;
}

const mentions = (text: string, word: string) =>
  new RegExp(`\\b${word.replaceAll(" ", "[\\s-]+")}`, "i").test(text);

function span(ranges: readonly number[][]): Range {
  const ends = ranges.flat();
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

export const service = implementTool(tool, compareToStandardRates);
export const handler = serve(service);
