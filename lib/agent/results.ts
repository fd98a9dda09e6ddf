import { TerminalError, TimeoutError } from "@restatedev/restate-sdk/lambda";
import { cleanMessage } from "../tool/error.ts";
import type { ToolResult } from "../tool/index.ts";
import type { Call, ResultForModel } from "./models/seam.ts";

/** How a call ended; anything but `"ok"` reaches the model as an error it can read. */
export type CallStatus = "ok" | "error" | "timeout" | "invalid-input" | "unknown-tool" | "over-limit";

/** One call and its result (F1: exactly one per call id). */
export interface CallResult {
  call: Call;
  status: CallStatus;
  /** The tool's output; undefined unless `status` is `"ok"`. */
  output?: unknown;
  /** In words, why there is no output. */
  error?: string;
  /** Tries of the implementation; 0 where it never ran or did not say. */
  attempts: number;
  /** When the implementation began, ISO 8601; null where it never ran or did not say. */
  startedAt: string | null;
  durationMs: number;
  /** Whether the output was cut to the tool's `maxResultBytes`. */
  truncated: boolean;
  /** What models cost that worked for this result: a sub-agent's run. */
  usage?: ToolResult["usage"];
}

/** The result of a call that was never issued. */
export function refused(call: Call, status: CallStatus, error: string): CallResult {
  return { call, status, error, attempts: 0, startedAt: null, durationMs: 0, truncated: false };
}

/**
 * The result of a call that was issued. F2: a tool's failure is a result.
 * @param timeoutMs how long the call was waited for.
 */
export function settled(
  call: Call,
  outcome: PromiseSettledResult<ToolResult>,
  timeoutMs: number,
): CallResult {
  if (outcome.status === "fulfilled") return { call, status: "ok", ...outcome.value };
  if (outcome.reason instanceof TimeoutError) {
    return { ...refused(call, "timeout", `timeout after ${timeoutMs / 1000} s`), durationMs: timeoutMs };
  }
  const metadata = outcome.reason instanceof TerminalError ? outcome.reason.metadata : undefined;
  return {
    ...refused(call, "error", cleanMessage(outcome.reason)),
    attempts: Number(metadata?.attempts ?? 0),
    startedAt: metadata?.startedAt ?? null,
    durationMs: Number(metadata?.durationMs ?? 0),
  };
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
export function forModel({ call, status, output, error }: CallResult): ResultForModel {
  const told =
    status === "ok"
      ? ({ type: "json", value: output } as const)
      : ({ type: "error", message: error ?? status } as const);
  return { id: call.id, tool: call.tool, output: told };
}
