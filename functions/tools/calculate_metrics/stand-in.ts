import { defineStandIn, type Words } from "fanout/sandbox";
import * as z from "zod";

const claim = z.looseObject({
  date: z.string(),
  category: z.string(),
  reason: z.string(),
  amount: z.number(),
});

const failed = z.object({ ok: z.literal(false), error: z.string() });
const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.union([z.object({ ok: z.literal(true), ...shape }), failed]);
const output = z.object({
  eligibility: part({ eligible: z.boolean(), reasons: z.array(z.string()) }),
  standardRates: part({ reasons: z.array(z.string()) }),
  fraud: part({ risk: z.string(), signals: z.array(z.object({ explanation: z.string() })) }),
});
type Output = z.output<typeof output>;

/** An insurance claim, as JSON anywhere in the words. */
const words: Words = {
  // Before all others: a claim is JSON with all kinds of words in it.
  order: 1,
  example:
    'assess this claim: {"date":"2024-10-01","category":"orthopedic","reason":"broken leg","amount":3000,"placeOfService":"General Hospital"}',
  find: (words) => {
    const json = /\{[\s\S]*\}/.exec(words);
    const input = json && parse(json[0]);
    return input ? [{ at: json.index, length: json[0].length, input }] : [];
  },
  say: (input, result) => {
    const asked = claim.safeParse(input).data;
    const metrics = output.safeParse(result).data;
    if (!asked || !metrics) return undefined;
    return [
      `The claim of ${asked.amount} for "${asked.reason}" on ${asked.date}:`,
      `  Eligibility: ${sayEligibility(metrics)}`,
      `  Standard rates: ${metrics.standardRates.ok ? metrics.standardRates.reasons.join(" ") : notKnown(metrics.standardRates)}`,
      `  Fraud: ${sayFraud(metrics)}`,
    ].join("\n");
  },
};

function parse(json: string): Record<string, unknown> | undefined {
  try {
    return claim.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

const notKnown = ({ error }: z.output<typeof failed>) => `not known: ${error}`;

function sayEligibility({ eligibility }: Output): string {
  if (!eligibility.ok) return notKnown(eligibility);
  return `${eligibility.eligible ? "covered" : "not covered"}. ${eligibility.reasons.join(" ")}`;
}

function sayFraud({ fraud }: Output): string {
  if (!fraud.ok) return notKnown(fraud);
  const found = fraud.signals.map(({ explanation }) => explanation).join(" ");
  return `${fraud.risk} risk. ${found || "Nothing suspicious was found."}`;
}

export default defineStandIn({ words });
