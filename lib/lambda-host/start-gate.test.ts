import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StartGate } from "./start-gate.ts";

/** What has happened at a gate with two places, in order; a start ends when `end` is called with its name. */
let events: string[];
let gate: StartGate;
let ends: Map<string, () => void>;
beforeEach(() => {
  events = [];
  ends = new Map();
  gate = new StartGate(2);
});
afterEach(() => vi.useRealTimers());

function enter(name: string): void {
  gate.enter({
    start() {
      events.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    },
    callOff: () => events.push(`not ${name}`),
  });
}
const end = async (name: string) => {
  ends.get(name)?.();
  await new Promise(setImmediate);
};

test("as many start at once as there are places, the others when their turn comes", async () => {
  for (const name of ["a", "b", "c", "d"]) enter(name);
  expect(events).toEqual(["a", "b"]);
  await end("b");
  expect(events).toEqual(["a", "b", "c"]);
  await end("a");
  expect(events).toEqual(["a", "b", "c", "d"]);
});

test("a start that nobody needs any more takes no place", async () => {
  for (const name of ["a", "b"]) enter(name);
  for (const _ of "12") gate.enter({ start: () => undefined, callOff: () => {} });
  enter("c");
  await end("a");
  expect(events).toEqual(["a", "b", "c"]);
});

test("a start that takes longer than Lambda's init phase leaves its place to others", async () => {
  vi.useFakeTimers();
  for (const name of ["a", "b", "c", "d", "e"]) enter(name);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(events).toEqual(["a", "b", "c", "d"]);
  vi.useRealTimers();
  // It has none any more that it could give back.
  await end("a");
  expect(events).toEqual(["a", "b", "c", "d"]);
});

test("a closed gate calls off what waits, and what comes", async () => {
  for (const name of ["a", "b", "c"]) enter(name);
  gate.close();
  enter("d");
  await end("a");
  expect(events).toEqual(["a", "b", "not c", "not d"]);
});
