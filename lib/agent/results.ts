import { TimeoutError } from "@restatedev/restate-sdk/lambda";
import { type CallReport, type CallResult, type CallStatus, courseOf } from "../call/index.ts";
import { cleanMessage } from "../runtime/index.ts";
import type { Call, ResultForModel } from "./models/seam.ts";

/** The result of a call that was never issued. */
export function refused(call: Call, status: CallStatus, error: string): CallResult {
  return { ...call, status, error, attempts: 0, startedAt: null, durationMs: 0, truncated: false };
}

/**
 * The result of a call that was issued. F2: a tool's failure is a result.
 * @param timeoutMs how long the call was waited for.
 */
export function settled(
  call: Call,
  outcome: PromiseSettledResult<CallReport>,
  timeoutMs: number,
): CallResult {
  if (outcome.status === "fulfilled") return { ...call, status: "ok", ...outcome.value };
  if (outcome.reason instanceof TimeoutError) {
    return { ...refused(call, "timeout", `timeout after ${timeoutMs / 1000} s`), durationMs: timeoutMs };
  }
  return { ...refused(call, "error", cleanMessage(outcome.reason)), ...courseOf(outcome.reason) };
}

/**
 * When the last of these calls ended, ms since the epoch: the clock of code that may not read one (F12).
 * @param begun when they were issued, for calls that do not say when they began.
 */
export function latestEnd(results: readonly CallResult[], begun: number): number {
  return Math.max(
    begun,
    ...results.map(({ startedAt, durationMs }) => (startedAt ? Date.parse(startedAt) : begun) + durationMs),
  );
}

/** A result as the model reads it. */
export function forModel({ id, tool, status, output, error }: CallResult): ResultForModel {
  const told =
    status === "ok"
      ? ({ type: "json", value: output } as const)
      : ({ type: "error", message: error ?? status } as const);
  return { id, tool, output: told };
}
