import { expect, test } from "vitest";
import { table, wrap } from "./table.ts";

test("columns are as wide as their widest cell; columns of numbers stand to the right", () => {
  expect(
    table([
      ["service", "kind", "in use"],
      ["get_weather", "tool", "3 +12"],
      ["Agent", "agent", "–"],
    ]),
  ).toEqual([
    "service      kind   in use", //
    "get_weather  tool    3 +12",
    "Agent        agent       –",
  ]);
});

test("a text is broken at blanks; what is longer than a line stays whole", () => {
  expect(wrap("one two three\nhttps://example.com/a-long-path", 9)).toEqual([
    "one two",
    "three",
    "https://example.com/a-long-path",
  ]);
});
