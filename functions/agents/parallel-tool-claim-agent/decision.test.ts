import { describe, expect, test } from "vitest";
import { decide } from "./decision.ts";

type Metrics = Parameters<typeof decide>[1];

const failed = { ok: false, error: "it broke" } as const;
const eligibility = {
  ok: true,
  eligible: true,
  coverage: "medical",
  period: { from: "2022-01-01", to: "2025-12-31" },
  terms: { deductible: 500, coveredPercent: 90, annualLimit: 50_000 },
  coveredAmount: 2250,
  reasons: ["covered"],
  source: "sample",
} as const;
const standardRates = {
  ok: true,
  procedure: "leg fracture",
  place: "hospital",
  range: { low: 2000, high: 7500 },
  position: "within",
  percentOfHigh: 40,
  reasons: ["the comparison"],
  source: "sample",
} as const;
const fraud = { ok: true, risk: "low", score: 5, signals: [], source: "sample" } as const;
const metrics = (parts: Partial<Metrics> = {}): Metrics =>
  structuredClone({ eligibility, standardRates, fraud, ...parts }) as Metrics;

describe("the decision on a claim", () => {
  test("pays what the policy covers", () => {
    expect(decide(3000, metrics())).toEqual({
      outcome: "approve",
      payableAmount: 2250,
      reasons: ["covered"],
    });
  });

  test("denies what the policy does not cover, whatever else is known", () => {
    const refused = { ...eligibility, eligible: false, terms: null, coveredAmount: 0, reasons: ["excluded"] };
    expect(decide(3000, metrics({ eligibility: refused as Metrics["eligibility"], fraud: failed }))).toEqual({
      outcome: "deny",
      payableAmount: 0,
      reasons: ["excluded"],
    });
  });

  test("pays no more than the standard range's upper end", () => {
    const above = {
      ...standardRates,
      position: "above",
      percentOfHigh: 120,
    } as unknown as Metrics["standardRates"];
    const result = decide(9000, metrics({ standardRates: above }));
    expect(result).toMatchObject({ outcome: "approve", payableAmount: 6300 });
    expect(result.reasons[0]).toContain("only its upper end of 7500 counts");
  });

  test.each([
    ["a part that failed", { fraud: failed }, "Fraud could not be checked: it broke"],
    ["rates that are missing", { standardRates: failed }, "Rates could not be compared: it broke"],
    ["unknown rates", { standardRates: { ...standardRates, position: "unknown" } }, "the comparison"],
    ["an amount far above", { standardRates: { ...standardRates, percentOfHigh: 151 } }, "the comparison"],
    ["suspicion", { fraud: { ...fraud, risk: "medium", score: 30 } }, "The fraud risk is medium (score 30)."],
  ])("sends %s to a person, with the amount at stake", (_, parts, reason) => {
    expect(decide(3000, metrics(parts as Partial<Metrics>))).toEqual({
      outcome: "review",
      payableAmount: 0,
      reasons: [reason, "If a person clears it, 2250 is payable."],
    });
  });

  test("promises no amount if eligibility is not known", () => {
    expect(decide(3000, metrics({ eligibility: failed }))).toEqual({
      outcome: "review",
      payableAmount: 0,
      reasons: ["Eligibility could not be checked: it broke"],
    });
  });
});
