import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import * as z from "zod";
import { fakeContext, NEVER } from "../../test/support/context.ts";
import { composeTool, type Parts } from "./compose.ts";
import { defineTool } from "./contract.ts";

// What becomes of the parts. That they are durable is tested end to end.

const part = defineTool({
  name: "part",
  description: "Works.",
  input: z.object({ n: z.int() }),
  output: z.string(),
});
const whole = defineTool({
  name: "whole",
  description: "Works in parts.",
  input: z.object({}),
  output: z.array(z.string()),
  maxResultBytes: 1000,
});
const done = (output: string) => ({
  output,
  attempts: 1,
  startedAt: "2026-01-01T00:00:00.000Z",
  durationMs: 5,
  truncated: false,
});

/** Runs a composite of this implementation. */
function run(ctx: Context, implementation: (parts: Parts) => Promise<string[]>): Promise<unknown> {
  const { service } = composeTool(whole, (_, parts) => implementation(parts)) as unknown as {
    service: { run(ctx: Context, input: object): Promise<unknown> };
  };
  return service.run(ctx, {});
}
/** One after the other: Restate's combinators await the promises of its stand-in as JavaScript's do. */
const both = async ({ call }: Parts) => [
  await call(part, { n: 1 }).catch(() => "none"),
  await call(part, { n: 2 }).catch(() => "none"),
];

test("F4: a part that times out is cancelled, and no other one", async () => {
  const { ctx, cancelled } = fakeContext(({ parameter }) => {
    const { n } = parameter as { n: number };
    return n === 1 ? NEVER : done("two");
  });
  expect(await run(ctx, both)).toMatchObject({ output: ["none", "two"] });
  expect(cancelled).toHaveLength(1);
});

test("F4: the parts are told when nobody waits for the whole any longer", async () => {
  const { ctx, issued } = fakeContext(() => done("x"), { "x-fanout": "until=1700000000000" });
  await run(ctx, both);
  expect(issued.map(({ headers }) => headers)).toEqual(
    Array(2).fill({ "x-fanout": "run=inv_fake&by=inv_fake&until=1700000000000" }),
  );
});

test("F9: the parts' results fit each on its own; together they are cut", async () => {
  const { ctx } = fakeContext(() => done("word ".repeat(180)));
  const result = await run(ctx, both);
  expect(result).toMatchObject({ truncated: true });
  expect(JSON.stringify((result as { output: unknown }).output).length).toBeLessThanOrEqual(1000);
});

test("F2: what the implementation throws is the call's failure, in its first line", async () => {
  const { ctx } = fakeContext();
  const failing = run(ctx, () => Promise.reject(new TypeError("it broke\n    at x.ts:1:1")));
  await expect(failing).rejects.toMatchObject({ message: "it broke", code: 422 });
  await expect(failing).rejects.toBeInstanceOf(TerminalError);
});

test("F13: a cancellation is passed on as it is", async () => {
  const { ctx } = fakeContext();
  const cancelled = new CancelledError();
  await expect(run(ctx, () => Promise.reject(cancelled))).rejects.toBe(cancelled);
});
