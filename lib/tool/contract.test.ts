import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "./contract.ts";

const minimal = {
  name: "roll_dice",
  description: "Rolls dice.",
  input: z.object({ sides: z.int().default(6) }),
  output: z.object({ rolled: z.int() }),
};

test("a minimal contract gets every default", () => {
  expect(defineTool(minimal)).toMatchObject({
    effect: "read",
    timeout: { seconds: 30 },
    attempts: 3,
    maxResultBytes: 32_768,
    scaling: { memoryMb: 512, provisioned: 0 },
    env: {},
    secrets: [],
  });
});

test("every field that was given is kept", () => {
  const full = {
    ...minimal,
    effect: "write",
    timeout: { seconds: 5 },
    attempts: 1,
    maxResultBytes: 1000,
    scaling: { memoryMb: 256, maxConcurrency: 20, provisioned: 1 },
    env: { DICE_URL: "https://dice.example" },
    secrets: ["DICE_KEY"],
    lambda: "roll-dice:live",
  } as const;
  expect(defineTool(full)).toMatchObject(full);
});

test("a scaling with one field set keeps the other defaults", () => {
  expect(defineTool({ ...minimal, scaling: { maxConcurrency: 3 } }).scaling).toEqual({
    memoryMb: 512,
    maxConcurrency: 3,
    provisioned: 0,
  });
});

test.each([
  [{ name: "RollDice" }, 'Tool "RollDice": name: expected snake_case, at most 36 characters, got "RollDice"'],
  [{ timeout: { seconds: 0 } }, "timeout.seconds: Too small: expected number to be >=1, got 0"],
  [{ timeout: { seconds: 1e7 } }, "timeout.seconds: Too big: expected number to be <=2592000, got 10000000"],
  [{ attempts: 0 }, "attempts: Too small: expected number to be >=1, got 0"],
  [{ effect: "delete" }, 'effect: expected one of "read"|"write", got "delete"'],
  [{ approval: "sometimes" }, 'approval: Invalid input, got "sometimes"'],
  [{ expires: { seconds: 0 } }, "expires.seconds: Too small: expected number to be >=1, got 0"],
  [{ scaling: { memoryMb: 64 } }, "scaling.memoryMb: Too small: expected number to be >=128, got 64"],
  [
    { secrets: ["not-a-name"] },
    'secrets.0: expected an UPPER_CASE environment variable name, got "not-a-name"',
  ],
  [
    { lambda: "arn:aws:sns:us-east-1:123456789012:topic" },
    "lambda: expected a Lambda function's name or ARN, with :alias or without, got \"arn:aws:sns:",
  ],
  [{ lambda: "" }, "lambda: expected a Lambda function's name or ARN"],
  [{ description: " " }, "description: Too small"],
  [{ colour: "red" }, 'Unrecognized key: "colour"'],
  [{ input: z.string() }, "input: expected a z.object({ … })"],
  [{ output: "text" }, "output: expected a Zod schema"],
  [{ input: z.object({ at: z.date() }) }, "input.at: expected JSON, got z.date()"],
  [
    { output: z.object({ rows: z.array(z.object({ at: z.date() })), tags: z.set(z.string()).optional() }) },
    "output.rows[].at: expected JSON, got z.date(); output.tags: expected JSON, got z.set()",
  ],
  [
    { output: z.object({ at: z.instanceof(URL) }) },
    "output.at: expected JSON, got z.custom() or z.instanceof()",
  ],
  [{ output: z.record(z.string(), z.bigint()) }, "output[]: expected JSON, got z.bigint()"],
  [{ output: z.object({ file: z.file() }) }, "output.file: expected JSON, got z.file()"],
  [
    {
      output: z.object({ at: z.codec(z.string(), z.date(), { decode: (s) => new Date(s), encode: String }) }),
    },
    "output.at: expected JSON, got z.date()",
  ],
])("a definition with %j is rejected by name, expectation and value", (change, message) => {
  expect(() => defineTool({ ...minimal, ...change } as never)).toThrow(message);
});

test("an output may be anything, and may be transformed: what comes out is looked at when it is made", () => {
  const output = z.object({ rows: z.array(z.unknown()), at: z.string().transform((text) => text.trim()) });
  expect(defineTool({ ...minimal, output }).output).toBe(output);
});

test("all problems of a definition are in one error", () => {
  const wrong = { ...minimal, attempts: 0, maxResultBytes: 1 };
  expect(() => defineTool(wrong)).toThrow(/attempts: .*; maxResultBytes: /);
});
