import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { AttemptsExhausted, withAttempts } from "./attempts.ts";
import { ToolError } from "./error.ts";

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** Fails ten times with this error, without waiting. @returns how long it would have waited before each further try, in ms. */
async function waits(error: ToolError): Promise<unknown[]> {
  // Timers of promises are not among those that Vitest can replace.
  const sleep = vi.spyOn(timers, "setTimeout");
  sleep.mockReset().mockImplementation(() => new Promise((resolve) => setImmediate(resolve)));
  syncBuiltinESMExports();
  const failing = withAttempts({ attempts: 10, effect: "read" }, never, () => Promise.reject(error));
  await expect(failing).rejects.toMatchObject({ attempts: 10 });
  return sleep.mock.calls.map(([ms]) => ms);
}

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

test("the waits between the tries double, and none is longer than ten seconds", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  expect(await waits(new ToolError("busy", { retryable: true }))).toEqual([
    200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000,
  ]);
});

test("the waits of calls that failed together differ by up to three times", async () => {
  const random = vi.spyOn(Math, "random");
  random.mockReturnValue(0);
  expect((await waits(new ToolError("busy", { retryable: true })))[0]).toBe(100);
  random.mockReturnValue(1);
  expect((await waits(new ToolError("busy", { retryable: true })))[0]).toBe(300);
});

test("a provider's retry-after is kept up to ten seconds: the function is billed while it waits", async () => {
  expect(await waits(new ToolError("busy", { retryable: true, retryAfterSeconds: 7 }))).toEqual(
    Array(9).fill(7000),
  );
  expect(await waits(new ToolError("busy", { retryable: true, retryAfterSeconds: 3600 }))).toEqual(
    Array(9).fill(10_000),
  );
});
