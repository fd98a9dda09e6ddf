import { expect, test } from "vitest";
import { table } from "./table.ts";

const ROWS = [
  ["service", "kind", "in use"],
  ["get_weather", "tool", "3 +12"],
  ["Agent", "agent", "–"],
];

test("columns are as wide as their widest cell; columns of numbers are aligned to the right", () => {
  expect(table(ROWS)).toEqual([
    "service      kind   in use", //
    "get_weather  tool    3 +12",
    "Agent        agent       –",
  ]);
  expect(table(ROWS, 26)).toEqual(table(ROWS));
});

test("a table that is too wide puts its first column on lines of its own", () => {
  expect(table(ROWS, 25)).toEqual([
    "service\n  kind   in use",
    "get_weather\n  tool    3 +12",
    "Agent\n  agent       –",
  ]);
});

test("a cell takes one line", () => {
  expect(table([["a\nb", "c\td"]])).toEqual(["a\\nb  c\\td"]);
});
