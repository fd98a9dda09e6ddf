import { setTimeout as sleep } from "node:timers/promises";
import type { Tool } from "./contract.ts";
import { ToolError } from "./error.ts";

/** Backoff before the second try, in ms; it doubles with each further try. */
const FIRST_BACKOFF_MS = 200;
/** The longest wait between two tries, in ms, whatever the provider asks for: the function is billed while it waits. */
const MAX_BACKOFF_MS = 10_000;

/** The last try's error, with how many tries there were. */
export class AttemptsExhausted extends Error {
  override readonly name = "AttemptsExhausted";
  readonly attempts: number;

  constructor(cause: unknown, attempts: number) {
    super("every attempt failed", { cause });
    this.attempts = attempts;
  }
}

/**
 * Tries a tool's implementation until it succeeds, fails for good, or has used up its attempts.
 * The waits happen inside the function, outside Restate's journal, so a tool's own retries cost no extra invocation.
 * @throws AttemptsExhausted with the last error as its cause; also when `signal` aborts.
 */
export async function withAttempts<T>(
  { attempts: maxAttempts, effect }: Pick<Tool, "attempts" | "effect">,
  signal: AbortSignal,
  attempt: (number: number) => Promise<T>,
): Promise<{ value: T; attempts: number }> {
  // F3: only what the implementation itself throws counts; a function that died or was throttled never got here.
  for (let number = 1; ; number++) {
    try {
      return { value: await attempt(number), attempts: number };
    } catch (error) {
      // An unexpected error may mean that a write has happened: only its author can say that another try is safe.
      const retryable = error instanceof ToolError ? error.retryable : effect === "read";
      if (!retryable || number === maxAttempts || signal.aborted) throw new AttemptsExhausted(error, number);
      await sleep(backoffMs(number, error), undefined, { signal }).catch(() => {
        throw new AttemptsExhausted(error, number);
      });
    }
  }
}

function backoffMs(attempt: number, error: unknown): number {
  const asked = error instanceof ToolError ? error.retryAfterSeconds : undefined;
  // Full jitter, so that calls which failed together do not come back together.
  const backoff =
    asked === undefined ? FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random()) : asked * 1000;
  return Math.min(backoff, MAX_BACKOFF_MS);
}
