import { setTimeout as sleep } from "node:timers/promises";
import { query } from "../../restate/index.ts";

/** The server is usually ready in less than a second; a slow disk or a large journal may take longer. */
const READY_MS = 60_000;
const READY_POLL_MS = 20;
const PROBE_MS = 1_000;

/**
 * Waits until a server's admin API, its queries and its ingress answer.
 * @param signal ends the wait.
 * @returns "ready", or what is wrong.
 */
export async function whenReady(
  { adminUrl, ingressUrl }: { adminUrl: string; ingressUrl: string },
  signal: AbortSignal,
): Promise<string> {
  const probes: Record<string, (url: string) => Promise<boolean>> = {
    [`${adminUrl}/health`]: answers,
    [`${ingressUrl}/restate/health`]: answers,
    // Ready a moment later than everything else.
    [`${adminUrl}/query`]: () => answersQueries(adminUrl),
  };
  const deadline = performance.now() + READY_MS;
  for (const [url, isReady] of Object.entries(probes)) {
    while (!signal.aborted && !(await isReady(url))) {
      if (performance.now() > deadline)
        return `is not ready after ${READY_MS / 1000} s: ${url} does not answer`;
      await sleep(READY_POLL_MS);
    }
  }
  return "ready";
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(PROBE_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function answersQueries(url: string): Promise<boolean> {
  return query({ url }, "SELECT id FROM sys_invocation LIMIT 1").then(
    () => true,
    () => false,
  );
}
