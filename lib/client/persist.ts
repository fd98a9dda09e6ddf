import { FanoutError, isPassing } from "./error.ts";

/** How often something is tried, and how long is waited in between, in ms: about a minute and a half in all. */
const MAX_TRIES = 15;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;
const MAX_ASKED_MS = 60_000;

/**
 * Tries again what may succeed later, with growing delays.
 * @throws the last error, or the signal's reason.
 */
export async function persist<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (tries === MAX_TRIES || !isPassing(error)) throw error;
      await sleep(Math.max(delayAfter(tries), askedToWait(error)), signal);
    }
  }
}

/** A server that asks for more patience than anybody has is asked again sooner. */
const askedToWait = (error: unknown) =>
  Math.min(MAX_ASKED_MS, (error instanceof FanoutError && error.retryAfterMs) || 0);

/** Half of it is chance, so that those who lost the same server do not return together. */
function delayAfter(tries: number): number {
  const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
  return delay * (0.5 + Math.random() / 2);
}

/** Resolves after a time, or as soon as the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end);
  });
}
