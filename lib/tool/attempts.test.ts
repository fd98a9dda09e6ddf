import { expect, test } from "vitest";
import { AttemptsExhausted, withAttempts } from "./attempts.ts";
import { ToolError } from "./error.ts";

const never = new AbortController().signal;
const soon = { retryable: true, retryAfterSeconds: 0 };

test("a try that succeeds after a retryable failure says how many it took", async () => {
  const tries = await withAttempts({ attempts: 3, effect: "read" }, never, async (attempt) => {
    if (attempt < 3) throw new ToolError("busy", soon);
    return "done";
  });
  expect(tries).toEqual({ value: "done", attempts: 3 });
});

test("a failure for good is not tried again", async () => {
  let tries = 0;
  const failing = withAttempts({ attempts: 3, effect: "read" }, never, async () => {
    tries++;
    throw new ToolError("no such city");
  });
  await expect(failing).rejects.toMatchObject({ attempts: 1, cause: { message: "no such city" } });
  expect(tries).toBe(1);
});

test("the last failure is the one that counts when all tries are used up", async () => {
  const failing = withAttempts({ attempts: 2, effect: "read" }, never, async (attempt) => {
    throw new ToolError(`busy ${attempt}`, soon);
  });
  await expect(failing).rejects.toMatchObject({ attempts: 2, cause: { message: "busy 2" } });
});

test("an aborted signal ends the waiting for the next try", async () => {
  const controller = new AbortController();
  const failing = withAttempts({ attempts: 3, effect: "read" }, controller.signal, async () => {
    setImmediate(() => controller.abort());
    throw new ToolError("busy", { retryable: true, retryAfterSeconds: 3600 });
  });
  await expect(failing).rejects.toBeInstanceOf(AttemptsExhausted);
});

test("an unexpected error of a write is not tried again: the write may have happened", async () => {
  const failing = withAttempts({ attempts: 3, effect: "write" }, never, async () => {
    throw new Error("connection reset");
  });
  await expect(failing).rejects.toMatchObject({ attempts: 1 });
});

test("a write is tried again where its author says that this is safe", async () => {
  const tries = await withAttempts({ attempts: 3, effect: "write" }, never, async (attempt) => {
    if (attempt === 1) throw new ToolError("busy", soon);
    return "done";
  });
  expect(tries.attempts).toBe(2);
});
