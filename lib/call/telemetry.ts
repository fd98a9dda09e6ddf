import type { Context, internal } from "@restatedev/restate-sdk/lambda";
import { emitMetrics, isTelling, recordSpan } from "../telemetry/index.ts";
import { callOrigin } from "./origin.ts";
import type { CallReport, CallStatus } from "./report.ts";
import { aboveCall, callSpan, runSpan } from "./trace.ts";

/** A call that has ended. Times are in ms since the epoch. */
export interface EndedCall {
  tool: string;
  /** The model's id of it; undefined for a part of another call. */
  id: string | undefined;
  status: CallStatus | "cancelled";
  attempts: number;
  /** When it was issued; undefined where nobody noted it. */
  issuedAt?: number | undefined;
  /** When its tool began; undefined where it never did. */
  startedAt: number | undefined;
  /** Undefined: now, where nobody noted it. */
  endedAt: number | undefined;
}

/** The model may write anything where a tool's name should be. */
const UNKNOWN_TOOL = "(unknown)";

/**
 * Whether traces and metrics are to be told of what happens here: if either is on, and it happens for the first time, as for the
 * log. Nothing durable may depend on it.
 */
export function isToldOf(ctx: Pick<Context, "request">): boolean {
  return isTelling && (ctx as internal.ContextInternal).isProcessing();
}

/**
 * Tells traces and metrics of a call.
 * @param callee the invocation that was called; undefined for the one that tells it, and for a call that was never issued.
 * @param above the span it is part of. Default: the run of the agent that made it.
 */
export function tellCall(
  ctx: Pick<Context, "request">,
  { tool: name, id, status, attempts, issuedAt, startedAt, endedAt }: EndedCall,
  { callee, above }: { callee?: string; above?: string | undefined } = {},
): void {
  const tool = status === "unknown-tool" ? UNKNOWN_TOOL : name;
  const failed = status !== "ok" && status !== "cancelled";
  // Two clocks: the agent's and the tool's.
  const queuedMs =
    issuedAt === undefined || startedAt === undefined ? undefined : Math.max(0, startedAt - issuedAt);
  emitMetrics({
    values: { Calls: 1, FailedCalls: Number(failed), QueueTime: queuedMs },
    of: { Tool: tool, Status: status },
    by: { Calls: ["Tool", "Status"], QueueTime: ["Tool"] },
  });
  const request = ctx.request();
  const { spanId, ...trace } = callSpan(request, callee);
  recordSpan({
    name: `execute_tool ${tool}`,
    kind: "internal",
    trace,
    spanId,
    parentSpanId: above ?? runSpan(request).spanId,
    startedAt: issuedAt ?? startedAt ?? endedAt,
    endedAt,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": tool,
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": id,
      "fanout.call.status": status,
      "fanout.call.attempts": attempts,
      "fanout.call.queued_ms": queuedMs,
    },
    errorType: failed ? status : undefined,
  });
}

/** The same of the call that is being answered, if its caller does not tell of it. */
export function tellOwnCall(
  ctx: Pick<Context, "request">,
  status: EndedCall["status"],
  { attempts, startedAt, durationMs }: Pick<CallReport, "attempts" | "startedAt" | "durationMs">,
): void {
  if (!isToldOf(ctx)) return;
  const request = ctx.request();
  const above = aboveCall(request);
  if (above === undefined) return;
  const begun = startedAt === null ? undefined : Date.parse(startedAt);
  const call = {
    tool: request.target.service,
    id: callOrigin(request).call,
    status,
    attempts,
    startedAt: begun,
    endedAt: begun === undefined ? undefined : begun + durationMs,
  };
  tellCall(ctx, call, { above });
}
