import { FanoutError, failureOf, read } from "./error.ts";
import type { IngressAddress } from "./ingress.ts";
import { persist, sleep } from "./persist.ts";

/** How a run stands: `error` is a {@link FanoutError} with the code `run-failed` or `run-cancelled`. */
export type Outcome =
  | { state: "running" }
  | { state: "succeeded"; output: unknown }
  | { state: "failed" | "cancelled"; error: FanoutError };

/** What Restate answers where a run has not ended. */
const NOT_YET = 470;
/** For one request, in ms. */
const PATIENCE_MS = 30_000;
/** A run that was accepted a moment ago may not be known everywhere yet. */
const SETTLING_MS = 500;

/**
 * How a run stands, as Restate's ingress says.
 * @throws FanoutError when there is no such run, or the ingress refuses or does not come back; the signal's reason.
 * @see https://docs.restate.dev/services/invocation/http
 */
export async function outcomeOf(
  ingress: IngressAddress,
  run: string,
  signal?: AbortSignal,
): Promise<Outcome> {
  const ask = () => persist(() => askOnce(ingress, run, signal), signal);
  try {
    return await ask();
  } catch (error) {
    if (!isUnknown(error)) throw error;
    await sleep(SETTLING_MS, signal);
    return await ask();
  }
}

/** Whether an error says that there is no such run. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof FanoutError && error.code === "not-found";

async function askOnce(
  { url, token, fetch = globalThis.fetch }: IngressAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const init = {
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  const answer = await fetch(`${url}/restate/output/${encodeURIComponent(run)}`, init)
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch((cause) => {
      throw new FanoutError("unavailable", `Restate's ingress at ${url} does not answer.`, { cause });
    });
  return toOutcome(answer, { url, run });
}

function toOutcome(
  { status, text }: { status: number; text: string },
  { url, run }: { url: string; run: string },
): Outcome {
  if (status === NOT_YET) return { state: "running" };
  if (status === 200) return { state: "succeeded", output: text === "" ? undefined : JSON.parse(text) };
  const { message, source } = read(text);
  if (source === "invocation") {
    const error = failureOf(status, message, true);
    return { state: error.code === "run-cancelled" ? "cancelled" : "failed", error };
  }
  // An id that it cannot take apart is nobody's either.
  if (status === 404 || status === 400)
    throw new FanoutError("not-found", `There is no run "${run}" at ${url}.`, { status: 404 });
  throw failureOf(status, message, false);
}
