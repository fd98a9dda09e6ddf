import { TerminalError, TimeoutError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { forModel, latestEnd, refused, settled } from "./results.ts";

const call = { id: "c", tool: "gate", input: {} };
const failed = (reason: unknown) => settled(call, { status: "rejected", reason }, 1000);

test("F2: a tool's failure is a result: its first line, without ARNs, and the tries that it took", () => {
  const metadata = { attempts: "3", startedAt: "2026-01-01T00:00:00.000Z", durationMs: "42" };
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:x";
  const result = failed(new TerminalError(`${arn} broke\n    at x.ts:1:1`, { errorCode: 422, metadata }));
  expect(result).toMatchObject({
    status: "error",
    error: "[arn] broke",
    attempts: 3,
    startedAt: "2026-01-01T00:00:00.000Z",
    durationMs: 42,
  });
  expect(forModel(result)).toEqual({
    id: "c",
    tool: "gate",
    output: { type: "error", message: "[arn] broke" },
  });
});

test("F2: a failure that says nothing about itself is a result too", () => {
  expect(failed(new Error("killed"))).toMatchObject({ status: "error", error: "killed", attempts: 0 });
});

test("F4: a call that timed out is a result that says for how long it was waited", () => {
  expect(failed(new TimeoutError())).toMatchObject({
    status: "timeout",
    error: "timeout after 1 s",
    durationMs: 1000,
  });
});

test("F12: the clock of replayed code is the latest end that the results tell of", () => {
  const begun = Date.parse("2026-01-01T00:00:00.000Z");
  const silent = { ...refused(call, "error", "x"), durationMs: 300 };
  const late = { ...silent, startedAt: "2026-01-01T00:00:01.000Z" };
  expect(latestEnd([], begun)).toBe(begun);
  expect(latestEnd([silent], begun)).toBe(begun + 300);
  expect(latestEnd([late, silent], begun)).toBe(begun + 1300);
  // A tool's clock may be behind the agent's; time never goes back.
  expect(latestEnd([{ ...late, startedAt: "2025-12-31T00:00:00.000Z" }], begun)).toBe(begun);
});
