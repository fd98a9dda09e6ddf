import type { ObjectContext } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import type { Published } from "./event.ts";
import { forget } from "./forget.ts";
import { publish } from "./log.ts";

const DAY_MS = 24 * 3_600_000;

/** Stands in for an object's state, and notes what is sent. */
function fakeObject(now: number) {
  const state = new Map<string, unknown>();
  const sent: { key: string; method: string; delayed: boolean }[] = [];
  const ctx = {
    key: "inv_1",
    get: async (name: string) => state.get(name) ?? null,
    set: (name: string, value: unknown) => void state.set(name, value),
    clear: (name: string) => void state.delete(name),
    clearAll: () => state.clear(),
    genericSend: ({ key, method, delay }: { key: string; method: string; delay?: unknown }) =>
      void sent.push({ key, method, delayed: delay !== undefined }),
    resolveAwakeable: () => {},
    date: { now: async () => now },
  } as unknown as ObjectContext;
  return { ctx, state, sent };
}
const event = (type: string, at: number, more: object = {}) => ({ type, at, path: [], ...more }) as Published;

test("the first events of a run see to it that they are forgotten, the others do not", async () => {
  const { ctx, sent } = fakeObject(0);
  await publish(ctx, [event("turn-began", 1, { turn: 1 })]);
  await publish(ctx, [event("run-ended", 2)]);
  expect(sent).toEqual([{ key: "inv_1", method: "forget", delayed: true }]);
});

test("a day after the end of a run nothing is left of it, nor in its archives", async () => {
  const { ctx, state, sent } = fakeObject(DAY_MS + 3);
  await publish(ctx, [event("turn-ended", 1, { text: "x".repeat(40_000) })]);
  await publish(ctx, [event("run-ended", 2)]);
  await forget(ctx);
  expect(state.size).toBe(0);
  expect(sent.slice(1)).toEqual([
    { key: "inv_1 from 0", method: "keep", delayed: false },
    { key: "inv_1 from 0", method: "forgetArchive", delayed: false },
  ]);
});

test.each([
  ["a question that is open", "approvals", { ap: { askedAt: 0, seconds: 7 * 86_400 } }, 7],
  ["a promise that may be waited for", "promises", { payment: { waiters: ["a"], at: 0 } }, 30],
])("of a run that nobody watches %s is kept", async (_, key, value, days) => {
  for (const [now, isKept] of [
    [days * DAY_MS + DAY_MS - 1, true],
    [days * DAY_MS + DAY_MS + 1, false],
  ] as const) {
    const { ctx, state } = fakeObject(now);
    await publish(ctx, []);
    state.set(key, value);
    await forget(ctx);
    expect(state.has(key)).toBe(isKept);
  }
});

test.each([
  ["has ended less than a day ago", [event("run-ended", 1)], DAY_MS - 1, false],
  ["goes on, and has said something in the last month", [event("turn-began", 1)], 29 * DAY_MS, false],
  ["has said nothing for a month, so that it was killed", [event("turn-began", 1)], 31 * DAY_MS, true],
])("a run that %s", async (_, events, now, isForgotten) => {
  const { ctx, state, sent } = fakeObject(now);
  await publish(ctx, events);
  await forget(ctx);
  expect(state.size === 0).toBe(isForgotten);
  expect(sent.slice(1)).toEqual(isForgotten ? [] : [{ key: "inv_1", method: "forget", delayed: true }]);
});
