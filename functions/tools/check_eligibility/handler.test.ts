import { describe, expect, test } from "vitest";
import { checkEligibility } from "./handler.ts";
import tool from "./tool.ts";

const check = (parts: object = {}) => {
  const result = checkEligibility(
    tool.input.parse({
      date: "2024-10-01",
      category: "orthopedic",
      reason: "broken leg",
      amount: 3000,
      placeOfService: "General Hospital",
      ...parts,
    }),
  );
  expect(tool.output.parse(result)).toEqual(result);
  return result;
};

describe("check_eligibility", () => {
  test("pays the covered share of what exceeds the deductible, and explains the amount", () => {
    expect(check()).toEqual({
      eligible: true,
      coverage: "medical",
      period: { from: "2022-01-01", to: "2025-12-31" },
      terms: { deductible: 500, coveredPercent: 90, annualLimit: 50_000 },
      coveredAmount: 2250,
      reasons: [
        '"orthopedic" is part of the medical coverage, valid from 2022-01-01 to 2025-12-31.',
        "After the deductible of 500 the policy pays 90 % of 2500: 2250.",
      ],
      source: expect.stringContaining("Sample policy"),
    });
  });

  test.each([
    ["2025-12-31", 500],
    ["2026-01-01", 600],
  ])("uses the terms that apply on the claim's date, %s", (date, deductible) => {
    expect(check({ date }).terms?.deductible).toBe(deductible);
  });

  test("pays the annual limit at most", () => {
    const result = check({ category: "Dental", reason: "implant", amount: 9000 });
    expect(result.coveredAmount).toBe(1500);
    expect(result.reasons).toContain("The annual limit of 1500 cuts that.");
  });

  test("pays nothing below the deductible, though the claim is eligible", () => {
    expect(check({ amount: 499.99 })).toMatchObject({ eligible: true, coveredAmount: 0 });
  });

  test.each([
    [{ category: "astrology" }, 'The category "astrology" is not covered. Covered: medical, dental,'],
    [
      { category: "vision", date: "2023-06-30" },
      "There is no vision coverage on 2023-06-30, only 2023-07-01",
    ],
    [{ category: "dental", reason: "two veneers" }, 'The dental coverage excludes "veneer".'],
    [{ reason: "non-cosmetically needed, COSMETIC" }, 'The medical coverage excludes "cosmetic".'],
  ])("says why %j is not covered", (parts, reason) => {
    const result = check(parts);
    expect(result).toMatchObject({ eligible: false, coveredAmount: 0, terms: null });
    expect(result.reasons[0]).toContain(reason);
  });

  test("refuses a day that is not in the calendar", () => {
    expect(() => check({ date: "2024-02-30" })).toThrow("date");
  });
});
