import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../tool/index.ts";
import { identity } from "./call-identity.ts";
import { checkCall } from "./checked.ts";

const convert = defineTool({
  name: "convert",
  description: "Converts an amount.",
  input: z.object({ amount: z.number(), to: z.string().default("EUR") }),
  output: z.number(),
});
const check = (input: unknown, tool = "convert") => checkCall([convert], { id: "c", tool, input }, 0);

test("F8: input that fits is let through, with the fields that the model left to their defaults", () => {
  expect(check({ amount: 1 })).toEqual({
    call: { id: "c", tool: "convert", input: { amount: 1 } },
    tool: convert,
  });
});

test("F8: input that does not fit is a result that names the field", () => {
  expect(check({ amount: "one" })).toMatchObject({
    status: "invalid-input",
    error: 'amount: expected number, got "one"',
  });
});

test("F8: arguments that are not JSON are a result that quotes how they begin", () => {
  expect(check(`{"amount": ${"1".repeat(1000)}`)).toMatchObject({
    status: "invalid-input",
    error: `The arguments of convert are not valid JSON: {"amount": ${"1".repeat(189)}`,
  });
});

test("F8: a tool that there is not is a result that lists those that there are", () => {
  expect(check({}, "convrt")).toMatchObject({
    status: "unknown-tool",
    error: 'Unknown tool "convrt". Tools: convert.',
  });
});

test("F6: calls ask for the same whatever the order of their fields, at any depth", () => {
  const same = (a: unknown, b: unknown) =>
    identity({ tool: "convert", input: a }) === identity({ tool: "convert", input: b });
  expect(same({ x: 1, y: [{ p: 1, q: 2 }] }, { y: [{ q: 2, p: 1 }], x: 1 })).toBe(true);
  expect(same({ x: [1, 2] }, { x: [2, 1] })).toBe(false);
  expect(same({ x: 1 }, { x: "1" })).toBe(false);
});
