import { describe, expect, test } from "vitest";
import { compareToStandardRates } from "./handler.ts";
import tool from "./tool.ts";

const compare = (parts: object = {}) => {
  const result = compareToStandardRates(
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

describe("compare_to_standard_rates", () => {
  test("takes the most specific row for the claim's kind of place", () => {
    expect(compare()).toEqual({
      procedure: "leg fracture",
      place: "hospital",
      range: { low: 2000, high: 7500 },
      position: "within",
      percentOfHigh: 40,
      reasons: ["3000 is within the standard range of 2000 to 7500 for leg fracture (hospital)."],
      source: expect.stringMatching(/^Sample rates .* 2024-01-01; no published fee schedule\.$/),
    });
  });

  test.each([
    [1999.99, "below"],
    [2000, "within"],
    [7500, "within"],
    [7500.01, "above"],
  ])("%d is %s the range", (amount, position) => {
    expect(compare({ amount }).position).toBe(position);
  });

  test("compares with all places if the place is unknown or has no rate, and says so", () => {
    for (const placeOfService of ["somewhere", "Corner Pharmacy"]) {
      const { range, reasons } = compare({ placeOfService, reason: "appendicitis" });
      expect(range).toEqual({ low: 7000, high: 25_000 });
      expect(reasons[0]).toContain("all places are compared");
    }
  });

  test("makes no claim about a reason that the table does not have", () => {
    expect(compare({ reason: "alien abduction" })).toMatchObject({
      procedure: null,
      range: null,
      position: "unknown",
      percentOfHigh: null,
    });
  });

  test("reads words, not parts of words", () => {
    expect(compare({ reason: "scold by a teacher" }).procedure).toBeNull();
  });
});
