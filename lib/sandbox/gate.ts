import { setTimeout as sleep } from "node:timers/promises";
import type { MiddlewareHandler } from "hono";
import type { HttpDouble } from "./stand-in.ts";
import type { TroubleStatus, Turn } from "./upstream.ts";

/** How long a rate-limited client is asked to wait, in seconds. */
const RETRY_AFTER_SECONDS = "1";

/**
 * Comes before an HTTP double: delays, refuses or holds each request as its turn says.
 * @param closing aborts when the sandbox stops, so that no request is held for ever.
 */
export function gate(
  { trouble = plainTrouble }: Pick<HttpDouble, "trouble">,
  nextTurn: () => Turn,
  closing: AbortSignal,
): MiddlewareHandler {
  return async (c, next) => {
    const { latencyMs, hang, trouble: status } = nextTurn();
    const gone = AbortSignal.any([c.req.raw.signal, closing]);
    if (hang) await aborted(gone);
    await sleep(latencyMs, undefined, { signal: gone }).catch(() => undefined);
    if (gone.aborted) return c.body(null, 503);
    if (status === 429) c.header("retry-after", RETRY_AFTER_SECONDS);
    if (status !== undefined) return c.json(trouble(status), status);
    await next();
  };
}

const plainTrouble = (status: TroubleStatus) => ({
  error: status === 429 ? "Too many requests (sandbox)." : "Internal server error (sandbox).",
});

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
