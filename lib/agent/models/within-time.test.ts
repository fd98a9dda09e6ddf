import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { TimedReply } from "./request.ts";
import { ModelError } from "./seam.ts";
import { withinTime } from "./within-time.ts";

const reply = { text: "Hello.", startedAt: 1, endedAt: 2 } as TimedReply;
const busy = (retryAfterSeconds?: number) => async () => {
  throw new ModelError("busy", { retryable: true, retryAfterSeconds });
};
const soon = (ms: number) => (now: number) => now + ms;
const outOfTime = { outOfTime: true, startedAt: expect.any(Number), endedAt: expect.any(Number) };

test("F11: a request is told how long it may take", async () => {
  expect(await withinTime(soon(5000), async (leftMs) => ({ ...reply, text: String(leftMs) }))).toMatchObject({
    text: "5000",
  });
  expect(
    await withinTime(
      () => Number.POSITIVE_INFINITY,
      async () => reply,
    ),
  ).toBe(reply);
});

test("F11: a request that begins too late is not made", async () => {
  const never = () => expect.unreachable("it was made");
  expect(await withinTime(soon(0), never)).toEqual(outOfTime);
});

test("F11: a request that ends with its time is out of time", async () => {
  const silent = async (leftMs: number) => {
    await sleep(leftMs);
    throw new ModelError("did not answer in time", { retryable: true });
  };
  expect(await withinTime(soon(20), silent)).toEqual(outOfTime);
});

test("F11: nobody waits for a provider that wants to be left alone for longer than there is time", async () => {
  expect(await withinTime(soon(60_000), busy(61))).toEqual(outOfTime);
  await expect(withinTime(soon(60_000), busy(59))).rejects.toThrow("busy");
  expect(await withinTime(soon(400), busy())).toEqual(outOfTime);
});

test("a failure that no other try would change stays a failure, however late it is", async () => {
  const refused = async () => {
    throw new ModelError("rejected the API key", { retryable: false });
  };
  await expect(withinTime(soon(1), refused)).rejects.toThrow("rejected");
});
