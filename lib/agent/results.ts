import { TerminalError, TimeoutError } from "@restatedev/restate-sdk/lambda";
import { type CallReport, type CallResult, type CallStatus, courseOf, isLate } from "../call/index.ts";
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
  const course = courseOf(outcome.reason);
  return { ...refused(call, statusOf(outcome.reason, course), cleanMessage(outcome.reason)), ...course };
}

function statusOf(reason: unknown, { approval }: Pick<CallResult, "approval">): CallStatus {
  if (approval === undefined) return "error";
  if (approval.decision !== "approved") return approval.decision;
  // Its time began when it was approved.
  return reason instanceof TerminalError && isLate(reason) ? "timeout" : "error";
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
export function forModel({ id, tool, status, output, error, approval }: CallResult): ResultForModel {
  const changed = approval?.input;
  const value = changed === undefined ? output : { changedByApprover: { input: changed }, output };
  const told =
    status === "ok"
      ? ({ type: "json", value } as const)
      : ({ type: "error", message: error ?? status } as const);
  return { id, tool, output: told };
}
