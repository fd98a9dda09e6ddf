import { TerminalError, TimeoutError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { fakeContext, NEVER } from "../../test/support/context.ts";
import { DurableCall } from "./durable-call.ts";
import { settleTogether } from "./settle-together.ts";

/** Issues a call for each of these and awaits them. @param answers by id what a call returns; NEVER: nothing. */
async function settle(timeouts: Record<string, number>, answers: Record<string, unknown> = {}) {
  const { ctx, cancelled, sleeps } = fakeContext(({ id = "" }) => {
    const answer = answers[id] ?? id;
    if (answer instanceof Error) throw answer;
    return answer === NEVER ? NEVER : { output: answer };
  });
  const calls = Object.entries(timeouts).map(([id, timeoutMs]) => {
    const callee = { name: "tool", timeout: { seconds: 60 }, maxResultBytes: 1000 };
    return new DurableCall(ctx, callee, { id, input: {}, timeoutMs, read: ({ output }) => output });
  });
  const outcomes = await settleTogether(ctx, calls);
  const told = outcomes.map((outcome) => {
    if (outcome.status === "fulfilled") return outcome.value;
    return outcome.reason instanceof TimeoutError ? "timeout" : (outcome.reason as Error).message;
  });
  return { told, cancelled, sleeps };
}

test("calls with the same timeout share one timer", async () => {
  const { told, sleeps } = await settle({ a: 30_000, b: 30_000, c: 5000 });
  expect(told).toEqual(["a", "b", "c"]);
  expect(sleeps).toEqual([5000, 30_000]);
});

test("F2: a call that fails leaves the others alone", async () => {
  const { told } = await settle({ a: 1000, b: 1000 }, { a: new TerminalError("no") });
  expect(told).toEqual(["no", "b"]);
});

test("F4: when a time is over the calls that have it and have not ended time out, and only they are cancelled", async () => {
  const { told, cancelled } = await settle({ a: 1000, b: 2000, c: 1000, d: 2000 }, { c: NEVER });
  expect(told).toEqual(["a", "b", "timeout", "d"]);
  expect(cancelled).toEqual(["c"]);
});

test("F4: each call has its own time", async () => {
  const { told, cancelled } = await settle({ a: 3000, b: 1000, c: 2000 }, { a: NEVER, b: NEVER });
  expect(told).toEqual(["timeout", "timeout", "c"]);
  expect(cancelled).toEqual(["b", "a"]);
});
