import type { TimedReply } from "./request.ts";
import { ModelError } from "./seam.ts";

/** What is waited for at least before a failed request is made again, in seconds. */
const SHORTEST_RETRY_SECONDS = 0.5;

/** F11: the run's time was over before there was a reply. Times are ms since the epoch. */
export interface OutOfTime {
  outOfTime: true;
  startedAt: number;
  endedAt: number;
}

/**
 * Makes a model request that ends when its time is over, also while the provider is silent. One that could only be made
 * again when its time is over is not made again.
 * @param dueAt when a request that begins now must have ended, ms since the epoch; Infinity: never.
 * @param ask gets the time that is left, in ms.
 * @param isLast whether no other model is left: one that is can be asked at once. Default true.
 * @throws ModelError when the request fails in time.
 */
export async function withinTime(
  dueAt: (startedAt: number) => number,
  ask: (leftMs: number) => Promise<TimedReply>,
  { isLast = true }: { isLast?: boolean } = {},
): Promise<TimedReply | OutOfTime> {
  const startedAt = Date.now();
  const due = dueAt(startedAt);
  const outOfTime = (): OutOfTime => ({ outOfTime: true, startedAt, endedAt: Date.now() });
  if (startedAt >= due) return outOfTime();
  try {
    return await ask(due - startedAt);
  } catch (error) {
    if (!(error instanceof ModelError && error.retryable && retryAt(error) >= due)) throw error;
    if (isLast || Date.now() >= due) return outOfTime();
    throw new ModelError(error.message, { retryable: false, cause: error.cause });
  }
}

function retryAt({ retryAfterSeconds = 0 }: ModelError): number {
  return Date.now() + Math.max(retryAfterSeconds, SHORTEST_RETRY_SECONDS) * 1000;
}
