import type { Context } from "@restatedev/restate-sdk/lambda";
import type { Tool } from "./contract.ts";

/**
 * A call's headers: what its caller allows, where that is less than the contract does. They count in handlers that are
 * private to the ingress only; the others drop them (`inner-headers.ts`).
 */
export const CALL_BOUNDS = {
  /** Bytes that the result may take. */
  maxResultBytes: "x-fanout-max-result-bytes",
  /** How long the caller waits, in ms. */
  timeoutMs: "x-fanout-timeout-ms",
  /** When nobody waits any longer, ms since the epoch: an attempt that begins later does nothing. */
  giveUpAt: "x-fanout-give-up-at",
} as const;

/** How long before its function's timeout an implementation is told to stop, in ms. */
const TIME_TO_END_MS = 1000;

/** F4, F9: the bounds of a call: its contract's, or its caller's where those are tighter. */
export function callBounds(
  ctx: Context,
  tool: Pick<Tool, "timeout" | "maxResultBytes">,
): { timeoutMs: number; maxResultBytes: number; giveUpAt: number } {
  const { headers, extraArgs } = ctx.request();
  const allowed = (name: keyof typeof CALL_BOUNDS) =>
    Number(headers.get(CALL_BOUNDS[name]) ?? Number.POSITIVE_INFINITY);
  const [lambda] = extraArgs as [{ getRemainingTimeInMillis?(): number }?];
  const functionMs = lambda?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  return {
    // Timers take whole milliseconds only.
    timeoutMs: Math.ceil(
      Math.max(0, Math.min(tool.timeout.seconds * 1000, allowed("timeoutMs"), functionMs - TIME_TO_END_MS)),
    ),
    maxResultBytes: Math.min(tool.maxResultBytes, allowed("maxResultBytes")),
    giveUpAt: allowed("giveUpAt"),
  };
}
