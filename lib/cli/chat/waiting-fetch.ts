import { setTimeout as sleep } from "node:timers/promises";

/** How often a server that is away is looked for, and how long it may take to answer, in ms. */
const POLL_MS = 500;
const PATIENCE_MS = 5_000;
/** How long a server may be away, in ms: longer than a restart, and not so long that a program that nobody watches waits for ever. */
const MAX_AWAY_MS = 600_000;

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

/**
 * A `fetch` that waits while the ingress is away, for ten minutes at most, and then asks again. Only what may be repeated goes
 * through it.
 */
export function waitingFetch({ url, urlNow, stop, tell }: Waiting): typeof fetch {
  let current = url;
  let back: Promise<void> | undefined;
  const untilBack = async () => {
    tell(`${current} does not answer. Waiting for it.`);
    current = await untilThere(urlNow, stop);
    tell(`${current} answers again.`);
  };
  return async (input, init) => {
    let signal = init?.signal ? AbortSignal.any([init.signal, stop]) : stop;
    for (;;) {
      const asked = current;
      try {
        return await fetch(`${input}`.replace(url, asked), { ...init, signal });
      } catch (error) {
        // A request may take too long for other reasons.
        if (signal.aborted || (asked === current && (await isThere(asked)))) throw error;
        back ??= untilBack().finally(() => {
          back = undefined;
        });
        await back;
        // While the server was away, no time limit counted.
        signal = stop;
      }
    }
  };
}

async function untilThere(urlNow: () => string, stop: AbortSignal): Promise<string> {
  for (const until = Date.now() + MAX_AWAY_MS; ; await sleep(POLL_MS, undefined, { signal: stop })) {
    const url = attempt(urlNow);
    if (url !== undefined && (await isThere(url))) return url;
    if (Date.now() > until) throw new TypeError(`It was away for ${MAX_AWAY_MS / 60_000} minutes.`);
  }
}

function attempt(urlNow: () => string): string | undefined {
  try {
    return urlNow();
  } catch {
    return undefined;
  }
}

/** Whether anybody answers. @see https://docs.restate.dev/services/invocation/http */
async function isThere(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/restate/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
