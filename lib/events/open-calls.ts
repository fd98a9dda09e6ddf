import type { CallStatus } from "../call/index.ts";
import type { Published, RunEvent } from "./event.ts";

/** The calls that have been issued and whose end their issuer has not told; with the status that their own function has told. */
export type OpenCalls = Readonly<Record<string, CallStatus | null>>;

/**
 * Leaves out what has been told before. A call's end is told twice where its own function tells it at once, and by the agent that
 * issued it, which is woken later and knows more: that the call had timed out before, for instance.
 */
export function withoutRepeats(
  published: readonly Published[],
  before: OpenCalls,
): { events: RunEvent[]; open: OpenCalls } {
  const open: Record<string, CallStatus | null> = { ...before };
  const events = published.flatMap(({ told, ...event }): RunEvent[] => {
    if (event.type !== "call-issued" && event.type !== "call-ended") return [event];
    const key = JSON.stringify([...event.path, event.id]);
    if (event.type === "call-issued") {
      open[key] = null;
      return [event];
    }
    const status = open[key];
    if (told && status === null) open[key] = event.status;
    if (!told) delete open[key];
    const isNews = status === null || (!told && status !== undefined && status !== event.status);
    return isNews ? [event] : [];
  });
  return { events, open };
}
