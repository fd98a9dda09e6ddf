import { expect, test } from "vitest";
import * as z from "zod";
import { ToolError } from "./error.ts";
import { makeOutput, UnreadableOutput } from "./output.ts";

const silent = { console: { warn() {}, debug() {} } } as never;
const options = { ctx: silent, maxResultBytes: 1000 };
const contract = { name: "pay", output: z.object({ id: z.string(), extra: z.unknown() }) };
const make = (effect: "read" | "write", made: () => unknown, secretValues: string[] = []) =>
  makeOutput({ ...contract, effect }, made, { ...options, secretValues });

class Receipt {}
const UNREADABLE: [string, () => unknown, string][] = [
  [
    "breaks its contract",
    () => ({ id: 5, extra: 1 }),
    "pay made a result that breaks its contract: id: expected string, got 5",
  ],
  ["is nothing", () => undefined, "pay made a result that breaks its contract: expected object, got nothing"],
  [
    "holds an instance of a class",
    () => ({ id: "a", extra: [new Receipt()] }),
    "pay made a result that is no JSON: extra.0: expected JSON, got a Receipt",
  ],
  [
    "throws while it is read",
    () => ({
      id: "a",
      extra: {
        get total() {
          throw new Error("gone");
        },
      },
    }),
    "pay made a result that is no JSON: gone",
  ],
];

test.each(UNREADABLE)("an output that %s fails a read, in words", async (_, made, problem) => {
  const outcome = make("read", made);
  await expect(outcome).rejects.toThrow(problem);
  await expect(outcome).rejects.toMatchObject({ retryable: false });
  await expect(outcome).rejects.toBeInstanceOf(UnreadableOutput);
});

test.each(UNREADABLE)(
  "an output that %s fails no write: the note says that it took effect",
  async (_, made, problem) => {
    const note = `The write took effect. Do not repeat it. Its output could not be read: ${problem}`;
    expect(await make("write", made)).toEqual({ output: { "[unreadable]": note }, truncated: true });
  },
);

test("an output that only throws when it is read again is read once", async () => {
  let reads = 0;
  const extra = {
    get total() {
      if (++reads > 5) throw new Error("gone");
      return 1;
    },
  };
  const { output } = await make("read", () => ({ id: "a", extra }));
  for (let again = 0; again < 10; again++)
    expect(JSON.stringify(output)).toBe('{"id":"a","extra":{"total":1}}');
});

test("an output that is too large, or nested too deep, is cut", async () => {
  let extra: unknown = "x".repeat(5000);
  expect(await make("write", () => ({ id: "a", extra }))).toMatchObject({
    output: { id: "a" },
    truncated: true,
  });
  for (let depth = 0; depth < 10_000; depth++) extra = [extra];
  expect(await make("write", () => ({ id: "a", extra }))).toMatchObject({
    output: { id: "a" },
    truncated: true,
  });
});

test("a write that fails by itself is told as failed", async () => {
  const refuse = () => Promise.reject(new ToolError("Refused."));
  await expect(make("write", refuse)).rejects.toThrow("Refused.");
});

test("the note repeats no secret", async () => {
  const { output } = await make("write", () => ({ id: ["hunter2hunter2"] }), ["hunter2hunter2"]);
  expect(JSON.stringify(output)).toContain("[secret]");
});
