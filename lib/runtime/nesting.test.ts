import fc from "fast-check";
import { expect, test } from "vitest";
import { headOfTooDeep, MAX_NESTING, nestsTooDeep, withoutDeepest } from "./nesting.ts";

const nested = (depth: number, inner = "") => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;

test("JSON may nest to the bound, and not one level deeper", () => {
  expect(nestsTooDeep(nested(MAX_NESTING))).toBe(false);
  expect(nestsTooDeep(nested(MAX_NESTING + 1))).toBe(true);
});

test.each([`"${"[".repeat(500)}"`, `["\\"${"{".repeat(500)}"]`, "[{}],".repeat(500)])(
  "what stands in strings or side by side does not nest: %.20s…",
  (json) => {
    expect(nestsTooDeep(json)).toBe(false);
  },
);

test("the head of what nests too deep is short, no JSON, and still too deep", () => {
  const head = headOfTooDeep(nested(1_000_000));
  expect(head).toBe("[".repeat(MAX_NESTING + 1));
  expect(nestsTooDeep(head)).toBe(true);
  expect(headOfTooDeep('{"city":"Tokyo"}')).toBe('{"city":"Tokyo"}');
});

test("values that are too deep become null, and everything else stays", () => {
  expect(withoutDeepest('{"a":[1,{"b":[2],"c":"]"}],"d":[[[3]],4]}', 3)).toBe(
    '{"a":[1,{"b":null,"c":"]"}],"d":[[null],4]}',
  );
});

test("any JSON is what it was where it is not too deep, and is JSON where it is", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 1, max: 6 }), (json, levels) => {
      expect(withoutDeepest(json, 7)).toBe(json);
      expect(depthOf(JSON.parse(withoutDeepest(json, levels)))).toBeLessThanOrEqual(levels);
    }),
  );
});

test.each(['{"a":', '["', '"\\', "]]]]", "{{{{", ""])("text that is no JSON stays no JSON: %j", (text) => {
  expect(nestsTooDeep(text)).toBe(false);
  expect(() => JSON.parse(withoutDeepest(text, 2))).toThrow();
});

test("a million quotes that do not end take one pass", () => {
  expect(nestsTooDeep('"\\'.repeat(1_000_000))).toBe(false);
});

function depthOf(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
