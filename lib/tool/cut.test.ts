import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonBytes } from "../runtime/index.ts";
import { cutToBytes } from "./cut.ts";

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
  const data = base64(4000);
  const value = { name: "a.png", data, url: `data:image/png;base64,${data}` };
  expect(cutToBytes(value, 300).value).toEqual({
    name: "a.png",
    data: "[cut: 4000 characters of base64]",
    url: "[cut: 4022 characters of base64]",
  });
});

test.each(["x", "ACGT", "Ab1", "0123456789abcdef"])("a long word of %s is text, not base64", (pattern) => {
  expect(cutToBytes(pattern.repeat(1000), 300).value).toMatch(
    new RegExp(`^(${pattern}){10,}\\w* \\[cut: the first`),
  );
});

test("10 MB of what looks like base64 overflow no stack", () => {
  expect(cutToBytes(base64(10_000_000), 300).value).toBe("[cut: 10000000 characters of base64]");
  expect(cutToBytes(`${base64(10_000_000)}!`, 300).value).toContain("of 10000001 characters]");
});

/** Base64 of bytes that do not repeat soon. */
function base64(length: number): string {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * index * 31 + index) % 251));
  return bytes
    .toString("base64")
    .repeat(Math.ceil(length / 4000))
    .slice(0, length);
}

test("what is nested deeper than 100 is cut with a marker, and all above it is kept", () => {
  let value: unknown = "the bottom";
  for (let depth = 0; depth < 10_000; depth++) value = { depth, value };
  let { value: at, truncated } = cutToBytes(value, 20_000);
  expect(truncated).toBe(true);
  for (let outer = 1; outer <= 100; outer++) {
    expect(at).toMatchObject({ depth: 10_000 - outer });
    at = (at as { value: unknown }).value;
  }
  expect(at).toBe("[cut: nested deeper than 100]");
});

test("what fits its space is cut where it is nested too deep", () => {
  let value: unknown = [];
  for (let depth = 1; depth < 101; depth++) value = [value];
  const { value: cut, truncated } = cutToBytes({ value, other: [[]] }, 20_000);
  expect(truncated).toBe(true);
  expect(cut).toMatchObject({ other: [[]] });
  expect(JSON.stringify(cut)).toContain('["[cut: nested deeper than 100]"]');
});

test("however deep a value is nested, no part of it is measured twice on the way down", () => {
  const reads: string[] = [];
  const counted = new Proxy<Record<string, string>>(
    { large: "word ".repeat(200_000), small: "s" },
    {
      get(target, key: string) {
        reads.push(key);
        return target[key];
      },
    },
  );
  let value: unknown = counted;
  for (let depth = 0; depth < 90; depth++) value = depth % 2 ? [value] : { value };
  expect(JSON.stringify(cutToBytes(value, 32_768).value)).toContain("of 1000000 characters]");
  // 90 times each would be the way down; once to measure and once to cut, some of them for their size only, is enough.
  expect(reads.length).toBeLessThan(20);
});

test("an object that stands in a million million places is measured once", () => {
  let value: unknown = ["x"];
  for (let doubled = 0; doubled < 40; doubled++) value = [value, value];
  expect(jsonBytes(cutToBytes(value, 1000).value)).toBeLessThanOrEqual(1000);
});

test("of more fields than there is room to share, the smallest stay whole", () => {
  const value = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`k${index}`, "v".repeat(index)]),
  );
  const { value: cut } = cutToBytes(value, 1000);
  expect(cut).toMatchObject({
    k0: "",
    k9: "v".repeat(9),
    "[cut]": expect.stringMatching(/^\d+ of 1000 fields$/),
  });
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
    fc.double({ noNaN: true, noDefaultInfinity: true }),
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
