import fc from "fast-check";
import { expect, test } from "vitest";
import { cutToBytes } from "./cut.ts";
import { jsonBytes } from "./json.ts";

test("a value that fits stays as it is", () => {
  const value = { rows: [1, 2, 3] };
  expect(cutToBytes(value, 1000)).toEqual({ value, truncated: false });
});

test("text keeps its head and says how much was cut", () => {
  const { value, truncated } = cutToBytes("x ".repeat(2500), 500);
  expect(truncated).toBe(true);
  expect(value).toMatch(/^(x ){100,}x? ?\[cut: the first \d+ of 5000 characters\]$/);
});

test("bytes in base64 are replaced by their length", () => {
  const value = { name: "a.png", data: Buffer.alloc(3000, 7).toString("base64") };
  expect(cutToBytes(value, 300).value).toEqual({ name: "a.png", data: "[cut: 4000 characters of base64]" });
});

test("an array keeps its first items and says how many there were", () => {
  const { value } = cutToBytes(
    Array.from({ length: 1000 }, (_, index) => index),
    300,
  );
  expect((value as unknown[]).slice(0, 3)).toEqual([0, 1, 2]);
  expect((value as unknown[]).at(-1)).toMatch(/^\[cut: the first \d+ of 1000 items\]$/);
});

test("an object's small fields survive a large sibling", () => {
  const { value } = cutToBytes({ body: "y".repeat(10_000), title: "Tokyo", ok: true }, 600);
  expect(value).toMatchObject({ title: "Tokyo", ok: true, body: expect.stringContaining("[cut: ") });
  expect(Object.keys(value as object)).toEqual(["body", "title", "ok"]);
});

const { value: largeJson } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("array"), tie("object")),
  leaf: fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.repeat(50)),
    fc.double({ noNaN: true }),
    fc.boolean(),
  ),
  array: fc.array(tie("value"), { minLength: 5, maxLength: 20 }),
  object: fc.dictionary(fc.string({ maxLength: 100 }), tie("value"), { minKeys: 3, maxKeys: 12 }),
}));

test("whatever is cut fits its space, and is marked", () => {
  fc.assert(
    fc.property(largeJson, fc.integer({ min: 256, max: 2000 }), (value, maxBytes) => {
      const cut = cutToBytes(value, maxBytes);
      expect(jsonBytes(cut.value)).toBeLessThanOrEqual(maxBytes);
      expect(cut.truncated).toBe(jsonBytes(value) > maxBytes);
      if (cut.truncated) expect(JSON.stringify(cut.value)).toContain("[cut");
    }),
    { numRuns: 60 },
  );
});

test("text full of characters that JSON escapes, or of many bytes, still fits", () => {
  for (const text of ['"'.repeat(5000), "\u0001".repeat(5000), "日本".repeat(3000), "🎲".repeat(3000)]) {
    expect(jsonBytes(cutToBytes(text, 512).value)).toBeLessThanOrEqual(512);
  }
});
