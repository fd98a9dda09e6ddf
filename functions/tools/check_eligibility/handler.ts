import { implementTool, serve } from "fanout/tool";
import type * as z from "zod";
import policy from "./policy.json" with { type: "json" };
import tool from "./tool.ts";

type Claim = z.output<typeof tool.input>;
type Coverage = (typeof policy.coverages)[number];

/**
 * Looks a claim up in the policy: its category must be covered on its date, and its reason must not be excluded. The policy
 * then pays its percentage of what exceeds the deductible, up to the annual limit.
 */
export function checkEligibility(claim: Claim): z.output<typeof tool.output> {
  const coverage = policy.coverages.find(({ categories }) => names(claim.category, categories));
  if (!coverage) {
    const covered = policy.coverages.map(({ name }) => name).join(", ");
    return refused(null, `The category "${claim.category}" is not covered. Covered: ${covered}.`);
  }
  const period = coverage.periods.find(({ from, to }) => from <= claim.date && claim.date <= to);
  if (!period) {
    const periods = coverage.periods.map(({ from, to }) => `${from} to ${to}`).join(" and ");
    return refused(coverage, `There is no ${coverage.name} coverage on ${claim.date}, only ${periods}.`);
  }
  const excluded = coverage.excludedReasons.find((words) => names(claim.reason, [words]));
  if (excluded) return refused(coverage, `The ${coverage.name} coverage excludes "${excluded}".`);

  const { from, to, ...terms } = period;
  const beyond = Math.max(0, claim.amount - terms.deductible);
  const share = (beyond * terms.coveredPercent) / 100;
  const coveredAmount = round(Math.min(share, terms.annualLimit));
  return {
    eligible: true,
    coverage: coverage.name,
    period: { from, to },
    terms,
    coveredAmount,
    reasons: [
      `"${claim.category}" is part of the ${coverage.name} coverage, valid from ${from} to ${to}.`,
      beyond === 0
        ? `The amount of ${claim.amount} does not exceed the deductible of ${terms.deductible}.`
        : `After the deductible of ${terms.deductible} the policy pays ${terms.coveredPercent} % of ${round(beyond)}: ${round(share)}.`,
      ...(share > terms.annualLimit ? [`The annual limit of ${terms.annualLimit} cuts that.`] : []),
    ],
    source: policy.source,
  };
}

function refused(coverage: Coverage | null, reason: string): z.output<typeof tool.output> {
  return {
    eligible: false,
    coverage: coverage?.name ?? null,
    period: null,
    terms: null,
    coveredAmount: 0,
    reasons: [reason],
    source: policy.source,
  };
}

/** Whether one of these words begins a word of the text: "veneer" is in "veneers", "medical" is not in "biomedical". */
const names = (text: string, words: readonly string[]) =>
  words.some((word) => new RegExp(`\\b${word.replaceAll(" ", "[\\s-]+")}`, "i").test(text));

const round = (amount: number) => Math.round(amount * 100) / 100;

export const service = implementTool(tool, checkEligibility);
export const handler = serve(service);
