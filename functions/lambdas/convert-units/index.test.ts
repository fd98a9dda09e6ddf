import { expect, test } from "vitest";
import { handler } from "./index.ts";

test.each([
  [26.2, "mi", "km", 42.1648128],
  [1, "kg", "lb", 2.204622622],
  [-40, "celsius", "fahrenheit", -40],
  [32, "fahrenheit", "celsius", 0],
])("%d %s in %s is %d", async (value, from, to, expected) => {
  expect(await handler({ value, from, to })).toEqual({ value: expected, unit: to });
});

test("a unit that is unknown or of another kind is an error that says so", async () => {
  await expect(handler({ value: 1, from: "furlong", to: "m" })).rejects.toThrow(
    'Unknown unit "furlong". Units: mm, cm,',
  );
  await expect(handler({ value: 1, from: "kg", to: "m" })).rejects.toThrow(
    "kg measures mass, and m measures length",
  );
});
