import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  connect,
  HttpCallError,
  type Ingress,
  type Send,
  SendOpts,
  serde,
} from "@restatedev/restate-sdk-clients";
import type { AgentOutput } from "../../agent/index.ts";
import type { Admin } from "../../restate/index.ts";
import type { Live } from "../drawing/live.ts";
import { StoppedWatching } from "./cancel-run.ts";
import { readProgress } from "./progress.ts";
import { adminOf, type RunRequest } from "./request.ts";
import { explainFailure } from "./run-failure.ts";

/** How often a run's progress is read, in ms. */
const POLL_MS = 100;

/** A run that Restate has accepted. */
interface AcceptedRun {
  invocationId: string;
  /**
   * Waits for the output, showing progress.
   * @param stop aborts when a person no longer wants to wait.
   * @throws Error in plain words when the run fails; StoppedWatching when `stop` aborts.
   */
  output(live: Live, stop: AbortSignal): Promise<AgentOutput<unknown>>;
}

/**
 * Hands a question to an agent.
 * @throws Error in plain words when the ingress refuses it or cannot be reached.
 */
export async function startRun(request: RunRequest): Promise<AcceptedRun> {
  const { ingressUrl, token, agent, input, idempotencyKey } = request;
  const ingress = connect({
    url: ingressUrl,
    ...(token && { headers: { Authorization: `Bearer ${token}` } }),
  });
  const send = await ingress
    .send({
      service: agent,
      handler: "run",
      parameter: input,
      // A key makes the request safe to repeat when the connection breaks.
      opts: SendOpts.from({ idempotencyKey: idempotencyKey ?? randomUUID(), input: serde.json }),
    })
    .catch(async (error) => Promise.reject(await explainFailure(error, request)));
  return {
    invocationId: send.invocationId,
    output: (live, stop) => attach(ingress, send, request, live, stop),
  };
}

async function attach(
  ingress: Ingress,
  send: Send,
  request: RunRequest,
  live: Live,
  stop: AbortSignal,
): Promise<AgentOutput<unknown>> {
  const done = new AbortController();
  const admin = adminOf(request);
  const watching = admin && watch(admin, send.invocationId, live, done.signal);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener("abort", () => reject(new StoppedWatching(send.invocationId)), { once: true });
  });
  try {
    return await Promise.race([result(ingress, send), stopped]);
  } catch (error) {
    throw error instanceof StoppedWatching ? error : await explainFailure(error, request);
  } finally {
    done.abort();
    await watching;
    live.end();
  }
}

/** Attaches again when a proxy or the client itself gives up waiting for a long run. */
async function result(ingress: Ingress, send: Send): Promise<AgentOutput<unknown>> {
  for (;;) {
    try {
      return await ingress.result(send as Send<AgentOutput<unknown>>);
    } catch (error) {
      const timedOut = (error as { cause?: { code?: string } }).cause?.code === "UND_ERR_HEADERS_TIMEOUT";
      if (!timedOut && !(error instanceof HttpCallError && error.status === 504)) throw error;
    }
  }
}

/** Shows the run until it is done, and once more at its end. If the server does not answer, only the view suffers. */
async function watch(admin: Admin, invocationId: string, live: Live, done: AbortSignal): Promise<void> {
  for (;;) {
    const last = done.aborted;
    const progress = await readProgress(admin, invocationId).catch(() => undefined);
    if (progress) live.show(progress);
    if (last) return;
    await sleep(POLL_MS, undefined, { signal: done }).catch(() => {});
  }
}
