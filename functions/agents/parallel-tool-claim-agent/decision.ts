import * as z from "zod";
import type calculateMetrics from "../../tools/calculate_metrics/tool.ts";

type Metrics = z.output<typeof calculateMetrics.output>;
type Eligibility = Extract<Metrics["eligibility"], { ok: true }>;

/** How far an amount may exceed the standard range before a person looks at it, in percent of the range's upper end. */
const REVIEW_ABOVE_PERCENT = 150;

export const decision = z.object({
  outcome: z.enum(["approve", "review", "deny"]),
  payableAmount: z.number().describe("The amount paid now, in US dollars: 0 unless the outcome is approve."),
  reasons: z.array(z.string()),
});
export type Decision = z.output<typeof decision>;

/**
 * Decides on a claim by its metrics alone. What the policy does not cover is denied. What is unknown, suspicious or
 * far beyond the standard goes to a person. The rest is paid, up to the standard range.
 */
export function decide(amount: number, { eligibility, standardRates, fraud }: Metrics): Decision {
  if (eligibility.ok && !eligibility.eligible) {
    return { outcome: "deny", payableAmount: 0, reasons: eligibility.reasons };
  }
  const doubts = [
    ...(eligibility.ok ? [] : [`Eligibility could not be checked: ${eligibility.error}`]),
    ...(standardRates.ok
      ? doubtsAbout(standardRates)
      : [`Rates could not be compared: ${standardRates.error}`]),
    ...(fraud.ok ? suspicions(fraud) : [`Fraud could not be checked: ${fraud.error}`]),
  ];
  const high = standardRates.ok ? standardRates.range?.high : undefined;
  const payable = eligibility.ok ? payableOf(eligibility, amount, high) : undefined;
  if (doubts.length > 0 || !payable) {
    const ifCleared = payable ? [`If a person clears it, ${payable.amount} is payable.`] : [];
    return { outcome: "review", payableAmount: 0, reasons: [...doubts, ...ifCleared] };
  }
  return { outcome: "approve", payableAmount: payable.amount, reasons: payable.reasons };
}

function doubtsAbout({ position, percentOfHigh, reasons }: Extract<Metrics["standardRates"], { ok: true }>) {
  const isFarAbove = (percentOfHigh ?? 0) > REVIEW_ABOVE_PERCENT;
  return position === "unknown" || isFarAbove ? reasons : [];
}

function suspicions({ risk, score, signals }: Extract<Metrics["fraud"], { ok: true }>): string[] {
  if (risk === "low") return [];
  return [`The fraud risk is ${risk} (score ${score}).`, ...signals.map(({ explanation }) => explanation)];
}

/** What the policy pays; if the claim exceeds the standard range, what it pays of the range's upper end. */
function payableOf({ terms, coveredAmount, reasons }: Eligibility, amount: number, high = amount) {
  if (!terms || amount <= high) return { amount: coveredAmount, reasons };
  const share = (Math.max(0, high - terms.deductible) * terms.coveredPercent) / 100;
  const payable = Math.round(Math.min(share, terms.annualLimit) * 100) / 100;
  return {
    amount: payable,
    reasons: [
      `The claim exceeds the standard range, so only its upper end of ${high} counts.`,
      `After the deductible of ${terms.deductible} the policy pays ${terms.coveredPercent} % of that: ${payable}.`,
    ],
  };
}
