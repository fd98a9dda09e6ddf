import type { Context } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { callBounds } from "./bounds.ts";
import { type CallField, callHeader } from "./call-header.ts";

const tool = { timeout: { seconds: 30 }, maxResultBytes: 32_768 };
/** @param remainingMs what Lambda leaves to the function; undefined outside of Lambda. */
const bounds = (told: Partial<Record<CallField, string>> = {}, remainingMs?: number) =>
  callBounds(
    {
      request: () => ({
        headers: new Map(Object.entries(callHeader(told))),
        extraArgs: remainingMs === undefined ? [] : [{ getRemainingTimeInMillis: () => remainingMs }],
      }),
    } as unknown as Context,
    tool,
  );

test("a call without bounds of its own has its contract's", () => {
  expect(bounds()).toEqual({ timeoutMs: 30_000, maxResultBytes: 32_768, giveUpAt: Number.POSITIVE_INFINITY });
});

test("F4, F9: what the caller allows holds where it is tighter, and never widens the contract", () => {
  const told = (timeoutMs: number, bytes: number) => ({
    ms: String(timeoutMs),
    bytes: String(bytes),
  });
  expect(bounds(told(700, 512))).toMatchObject({ timeoutMs: 700, maxResultBytes: 512 });
  expect(bounds(told(90_000, 1_000_000))).toMatchObject({ timeoutMs: 30_000, maxResultBytes: 32_768 });
});

test("F4: a tool is told to stop a second before its function is killed, and at once when less is left", () => {
  expect(bounds({}, 10_000).timeoutMs).toBe(9000);
  expect(bounds({}, 600).timeoutMs).toBe(0);
  expect(bounds({}, 60_000).timeoutMs).toBe(30_000);
});

test("F4: when nobody waits any longer is the caller's to say", () => {
  expect(bounds({ until: "1700000000000" }).giveUpAt).toBe(1_700_000_000_000);
});
