import { setTimeout as sleep } from "node:timers/promises";
import type { MiddlewareHandler } from "hono";
import type { Faults } from "./faults.ts";
import type { HttpUpstream } from "./upstream.ts";

/** How long a rate-limited client is asked to wait, in seconds. */
const RETRY_AFTER_SECONDS = "1";

/**
 * Stands before an HTTP upstream: counts each request, then delays, refuses or holds it as the upstream's fault says.
 * @param closing aborts when the sandbox stops, so that no request is held for ever.
 */
export function gate(
  { name, trouble }: HttpUpstream,
  faults: Faults,
  count: () => void,
  closing: AbortSignal,
): MiddlewareHandler {
  return async (c, next) => {
    count();
    const gone = AbortSignal.any([c.req.raw.signal, closing]);
    const { latencyMs, hang } = faults.get(name);
    const status = faults.draw(name);
    if (hang) await aborted(gone);
    await sleep(latencyMs, undefined, { signal: gone }).catch(() => undefined);
    if (gone.aborted) return c.body(null, 503);
    if (status === 429) c.header("retry-after", RETRY_AFTER_SECONDS);
    if (status !== undefined) return c.json(trouble(status), status);
    await next();
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
