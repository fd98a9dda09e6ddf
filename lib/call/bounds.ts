import type { Context } from "@restatedev/restate-sdk/lambda";
import { type CallField, callField } from "./call-header.ts";

/** How long before its function's timeout an implementation is told to stop, in ms. */
const TIME_TO_END_MS = 1000;

/** What bounds a call: its contract has the first two, its caller may be tighter. */
interface Bounds {
  /** How long the caller waits, in ms. */
  timeoutMs: number;
  /** Bytes that the result may take. */
  maxResultBytes: number;
  /** When nobody waits any longer, ms since the epoch; Infinity where the caller does not say. */
  giveUpAt: number;
}

const FIELDS = { timeoutMs: "ms", maxResultBytes: "bytes", giveUpAt: "until" } as const;

type Bounded = { timeout: { seconds: number }; maxResultBytes: number };

/** F4, F9: the bounds of the call that is being answered: its contract's, or its caller's where those are tighter. */
export function callBounds(ctx: Context, tool: Bounded): Bounds {
  const { headers, extraArgs } = ctx.request();
  const allowed = (name: keyof Bounds) =>
    Number(callField(headers, FIELDS[name]) ?? Number.POSITIVE_INFINITY);
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

/** What a call carries of its bounds: those that are tighter than its contract's. */
export function tighterBounds(
  { timeout, maxResultBytes }: Bounded,
  bounds: Partial<Bounds>,
): Partial<Record<CallField, string>> {
  const inherent: Bounds = {
    timeoutMs: timeout.seconds * 1000,
    maxResultBytes,
    giveUpAt: Number.POSITIVE_INFINITY,
  };
  return Object.fromEntries(
    (["giveUpAt", "timeoutMs", "maxResultBytes"] as const).flatMap((name) => {
      const bound = bounds[name] ?? inherent[name];
      return bound < inherent[name] ? [[FIELDS[name], String(bound)]] : [];
    }),
  );
}
