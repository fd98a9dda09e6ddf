import {
  type LoggerTransport,
  type LogMetadata,
  RestateError,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { logTransport } from "./log.ts";

const SECRET = "hunter2";
const LEVELS = ["debug", "info", "warn", "error"] as const;

/** What reached the console: each line with its level. */
let lines: Record<string, unknown>[];
beforeEach(() => {
  lines = [];
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((line) => lines.push({ level, ...line }));
  }
});
afterEach(() => vi.restoreAllMocks());

const context = {
  invocationId: "inv_call",
  serviceName: "get_weather",
  request: { id: "inv_call" },
};
const logs = (
  metadata: object,
  ...values: Parameters<LoggerTransport> extends [unknown, ...infer V] ? V : never
) =>
  logTransport(() => ({ run: "inv_run", call: "c1" }))(
    { source: "USER", level: "info", replaying: false, context, ...metadata } as unknown as LogMetadata,
    ...values,
  );
const aboveDebug = () => lines.filter(({ level }) => level !== "debug");
const origin = { service: "get_weather", invocation: "inv_call", run: "inv_run", call: "c1" };

test("a line of ours says which run and which call it belongs to", () => {
  logs({}, { event: "call ended", status: "ok" });
  expect(lines).toEqual([{ level: "info", event: "call ended", ...origin, status: "ok" }]);
});

test("nothing is logged again while a journal is replayed", () => {
  logs({ replaying: true }, { event: "call ended" });
  expect(lines).toEqual([]);
});

test("text of an agent of somebody's own stays text, in a line with the same fields", () => {
  logs({ level: "warn" }, "%d items", 3);
  expect(lines).toEqual([{ level: "warn", event: "log", ...origin, text: "3 items" }]);
});

test("the SDK's progress is for debugging", () => {
  logs({ source: "JOURNAL" }, "Starting invocation.");
  expect(lines).toEqual([{ level: "debug", event: "sdk", ...origin, text: "Starting invocation." }]);
});

test("the SDK's warning about signatures is never logged", () => {
  const text = "Accepting requests without validating request signatures; handler access must be restricted";
  logs({ source: "SYSTEM", level: "warn", context: undefined }, text);
  expect(lines).toEqual([]);
});

test("what the SDK says of an error stays below the default level, its class and its origin do not", () => {
  logs({ source: "JOURNAL", level: "warn" }, "Error when processing.\n", new TypeError(SECRET));
  expect(aboveDebug()).toEqual([
    {
      level: "warn",
      event: "attempt failed",
      ...origin,
      errorType: "TypeError",
      frames: expect.arrayContaining([expect.stringContaining("log.test.ts")]),
    },
  ]);
  expect(JSON.stringify(aboveDebug())).not.toContain(SECRET);
  expect(JSON.stringify(lines)).toContain(SECRET);
});

test("the core hands its error on in a list, and a code of Restate's own is told", () => {
  logs({ source: "JOURNAL", level: "error" }, "Failed", [new RestateError(SECRET, { errorCode: 570 })]);
  expect(aboveDebug()).toMatchObject([{ level: "error", event: "attempt failed", code: 570 }]);
  expect(JSON.stringify(aboveDebug())).not.toContain(SECRET);
});

test("a text of the SDK's core without an error stays below the default level", () => {
  logs({ source: "JOURNAL", level: "warn" }, `Failed with error ${SECRET}`);
  expect(aboveDebug()).toEqual([]);
});

test("an invocation that ends with an error is not logged twice, one that is refused is logged once", () => {
  logs({ source: "JOURNAL", level: "warn" }, "Error.\n", new TerminalError(SECRET, { errorCode: 422 }));
  expect(aboveDebug()).toEqual([]);
  logs({ source: "JOURNAL", level: "warn" }, "Error.\n", new TerminalError(SECRET, { errorCode: 400 }));
  expect(aboveDebug()).toEqual([{ level: "info", event: "request refused", ...origin, code: 400 }]);
});

test("trouble outside of an attempt is told in the SDK's own words, without what it quotes", () => {
  logs({ source: "SYSTEM", level: "error", context: undefined }, `Unexpected error: Error: ${SECRET}`);
  expect(aboveDebug()).toEqual([{ level: "error", event: "sdk", text: "Unexpected error" }]);
});
