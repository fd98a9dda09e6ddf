import { describe, expect, test } from "vitest";
import { checkFraud } from "./handler.ts";
import { findSignals } from "./signals.ts";
import tool from "./tool.ts";

const claim = (parts: object = {}) =>
  tool.input.parse({
    date: "2024-10-01",
    category: "orthopedic",
    reason: "broken leg",
    amount: 2875.5,
    placeOfService: "General Hospital",
    ...parts,
  });
const namesFor = (parts: object) => findSignals(claim(parts), "2026-01-15").map(({ name }) => name);

describe("check_fraud", () => {
  test("finds nothing in an ordinary claim", () => {
    expect(namesFor({})).toEqual([]);
  });

  test.each([
    ["future-date", { date: "2026-01-16" }],
    ["amount-far-above-usual", { amount: 18_000.01 }],
    ["amount-far-above-usual", { category: "something new", amount: 12_000.01 }],
    ["place-unknown", { placeOfService: "Unknown." }],
    ["place-unknown", { placeOfService: "?" }],
    ["reason-vague", { reason: "misc" }],
    ["just-below-review-limit", { amount: 4999 }],
    ["weekend", { date: "2024-10-05", placeOfService: "Dr. Lee's practice" }],
    ["holiday", { date: "2024-12-25", placeOfService: "Dr. Lee's practice" }],
    ["round-amount", { amount: 3000 }],
  ])("names %s for %j, and nothing else", (name, parts) => {
    expect(namesFor(parts)).toEqual([name]);
  });

  test.each([
    { date: "2026-01-15" },
    { amount: 5000.01 },
    { date: "2024-12-25" },
    { date: "2024-10-05", placeOfService: "Urgent Care North" },
  ])("finds nothing in %j", (parts) => {
    expect(namesFor(parts)).toEqual([]);
  });

  test("adds the signals up to a risk, and explains each", () => {
    const result = checkFraud(claim({ date: "9999-01-02", reason: "other", amount: 100_000 }));
    expect(tool.output.parse(result)).toEqual(result);
    expect(result).toMatchObject({ risk: "high", score: 60 + 40 + 20 + 5 });
    expect(result.signals.map(({ explanation }) => explanation)).toEqual([
      expect.stringContaining("dated 9999-01-02, after today"),
      "100000 is over 3 times the usual 6000.",
      '"other" does not say what was treated.',
      "100000 is a multiple of 1000; bills rarely are.",
    ]);
    expect(checkFraud(claim({ placeOfService: "n/a" }))).toMatchObject({ risk: "medium", score: 30 });
    expect(checkFraud(claim({ amount: 3000 }))).toMatchObject({ risk: "low", score: 5 });
  });
});
