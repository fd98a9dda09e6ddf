import { SendOpts, serde } from "@restatedev/restate-sdk-clients";
import { answerApproval, readOpenApprovals } from "./approvals.ts";
import { FanoutError, failureOf, fromIngress, isPassing, read } from "./error.ts";
import { readEvents } from "./event-reader.ts";
import { type IngressAddress, openIngress } from "./ingress.ts";
import { persist, sleep } from "./persist.ts";
import { askRunObject } from "./run-object.ts";
import { isUnknown, outcomeOf } from "./run-outcome.ts";
import { newKey, type Runs, type StartOptions } from "./runs.ts";

/** For one request that waits for nothing, in ms. */
const PATIENCE_MS = 30_000;
/** How long is waited until a run is asked for its result again. */
const PAUSE_MS = 500;

/** Where Restate is. */
export interface RestateAddress extends IngressAddress {
  /** The admin API: only it can cancel a run. The token opens it too. Default: none, and nothing can be cancelled. */
  adminUrl?: string | undefined;
}

/** Runs through Restate's own ingress. */
export function ingressRuns(restate: RestateAddress): Runs {
  const { url } = restate;
  return {
    async start(service, parameter, options) {
      try {
        return await beginAt(restate, { service, handler: "run" }, parameter, options);
      } catch (error) {
        if (!isUnknown(error)) throw error;
        throw new FanoutError("not-found", `There is no agent "${service}" at ${url}.`, { status: 404 });
      }
    },
    events: (run, options) => readEvents(restate, run, options),
    result: (run, signal) => resultOf(restate, run, signal),
    cancel: (run, signal) => persist(() => cancel(restate, run, signal), signal),
    approvals: (run, signal) => readOpenApprovals(restate, run, signal),
    async resolve(run, parameter, signal) {
      // An object answers for any key: whether there is such a run, only Restate knows.
      await outcomeOf(restate, run, signal);
      return await askRunObject(restate, { run, handler: "resolve", parameter, signal });
    },
    answer: (run, answer, signal) => answerApproval(restate, run, answer, signal),
  };
}

/**
 * Begins an invocation, once however often it is tried.
 * @param target a service's handler, or one of a virtual object by its key.
 * @returns the invocation's id.
 * @throws FanoutError `not-found` where there is no such service.
 */
export async function beginAt(
  ingress: IngressAddress,
  target: { service: string; key?: string; handler: string },
  parameter: object | undefined,
  { idempotencyKey = newKey(), signal }: StartOptions,
): Promise<string> {
  const timeout = AbortSignal.timeout(2 * PATIENCE_MS);
  const within = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const input = parameter === undefined ? serde.empty : serde.json;
  // The key makes the request safe to repeat when the connection breaks.
  const opts = SendOpts.from<typeof parameter>({ idempotencyKey, input: input as never });
  try {
    const sent = await openIngress(ingress, within).send<typeof parameter>({ ...target, parameter, opts });
    return sent.invocationId;
  } catch (error) {
    signal?.throwIfAborted();
    throw fromIngress(error, ingress.url, false);
  }
}

/** Waits for a run, and again where the waiting is cut short: by a proxy, or by the platform's own limit for a request. */
async function resultOf(
  restate: RestateAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  // Without its retries: they are counted over all of the waiting.
  const ingress = openIngress(restate, signal, { retry: false });
  for (;;) {
    try {
      return await ingress.result({ invocationId: run, status: "Accepted", attachable: true }, serde.json);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = fromIngress(error, restate.url, true);
      if (!isPassing(failure) && failure.code !== "not-found" && failure.code !== "bad-request")
        throw failure;
    }
    const outcome = await outcomeOf(restate, run, signal);
    if (outcome.state === "succeeded") return outcome.output;
    if (outcome.state !== "running") throw outcome.error;
    await sleep(PAUSE_MS, signal);
  }
}

async function cancel(
  { url, adminUrl, token, fetch = globalThis.fetch }: RestateAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (adminUrl === undefined)
    throw new FanoutError(
      "unsupported",
      `The ingress at ${url} cannot cancel a run. Connect with adminUrl, or to the routes of fanout/server.`,
    );
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`${adminUrl}/invocations/${encodeURIComponent(run)}/cancel`, {
    method: "PATCH",
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((cause) => {
    throw new FanoutError("unavailable", `Restate's admin API at ${adminUrl} does not answer.`, { cause });
  });
  const text = await response.text();
  // It has ended already.
  if (response.ok || response.status === 409) return;
  if (response.status === 404 || response.status === 400)
    throw new FanoutError("not-found", `There is no run "${run}" at ${adminUrl}.`, { status: 404 });
  throw failureOf(response.status, read(text).message, false);
}
