import stringWidth from "string-width";
import { expect, test } from "vitest";
import { cut, pad, wrap } from "./fit.ts";

test("a text is broken at spaces; a word longer than a line stays whole", () => {
  expect(wrap("one two three\nhttps://example.com/a-long-path", 9)).toEqual([
    "one two",
    "three",
    "https://example.com/a-long-path",
  ]);
});

test("wrapped lines keep the indent of their first line and of a list's mark; lines that fit stay as they are", () => {
  expect(wrap("- one two three\n  1. four five\n\n    if (x)  y", 11)).toEqual([
    "- one two",
    "  three",
    "  1. four",
    "     five",
    "",
    "    if (x) ",
    "    y",
  ]);
});

test("an indent that leaves no room is dropped after the first line", () => {
  expect(wrap(`${" ".repeat(9)}one two`, 10)).toEqual([`${" ".repeat(9)}one`, "two"]);
});

test("wide characters take two columns", () => {
  expect(wrap("東京 大阪 京都", 10)).toEqual(["東京 大阪", "京都"]);
  expect(cut("東京大阪京都", 8)).toBe("東京大…");
  expect(pad("東京", 6)).toBe("東京  ");
  expect(pad("東京", 6, "left")).toBe("  東京");
});

test("without a width nothing is broken", () => {
  expect(wrap("one two three", Number.POSITIVE_INFINITY)).toEqual(["one two three"]);
});

test("a cut text is one line, no wider than allowed", () => {
  for (const text of [
    "short",
    "two\nlines of text",
    "\u001b[31mred\u001b[0m and more",
    "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧",
  ]) {
    expect(stringWidth(cut(text, 10))).toBeLessThanOrEqual(10);
    expect(cut(text, 10)).not.toContain("\n");
  }
});
