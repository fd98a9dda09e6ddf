import { setTimeout as sleep } from "node:timers/promises";

/** How often a server that is away is looked for, and how long it may take to answer, in ms. */
const POLL_MS = 500;
const PATIENCE_MS = 5_000;

interface Waiting {
  /** The address for which requests are made. */
  url: string;
  /** Where the server is now: a local platform may come back at other ports. @throws Error while it is nowhere. */
  urlNow(): string;
  /** Ends the waiting. */
  stop: AbortSignal;
  /** Says that it is away, and that it is back. */
  tell(line: string): void;
}

/** A `fetch` that waits while the ingress is away, however long, and then asks again. Only what may be repeated goes through it. */
export function waitingFetch({ url, urlNow, stop, tell }: Waiting): typeof fetch {
  let current = url;
  let back: Promise<void> | undefined;
  const untilBack = async () => {
    tell(`${current} does not answer. Waiting for it.`);
    while (!(await isThere(urlNow))) await sleep(POLL_MS, undefined, { signal: stop });
    current = urlNow();
    tell(`${current} answers again.`);
  };
  return async (input, init) => {
    const signal = init?.signal ? AbortSignal.any([init.signal, stop]) : stop;
    let request: RequestInit = { ...init, signal };
    for (;;) {
      try {
        return await fetch(`${input}`.replace(url, current), request);
      } catch (error) {
        stop.throwIfAborted();
        // A request may take too long for other reasons.
        if (!(error instanceof TypeError) || (await isThere(() => current))) throw error;
        back ??= untilBack().finally(() => {
          back = undefined;
        });
        await back;
        // While the server was away, no time limit counted.
        request = { ...init, signal: stop };
      }
    }
  };
}

/** @see https://docs.restate.dev/services/invocation/http */
async function isThere(urlNow: () => string): Promise<boolean> {
  try {
    const response = await fetch(`${urlNow()}/restate/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
