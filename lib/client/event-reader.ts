import { Opts, serde } from "@restatedev/restate-sdk-clients";
import type { Pulled, RunEvent, TOPIC as Topic } from "../events/index.ts";
import { FanoutError, fromIngress } from "./error.ts";
import { type IngressAddress, openIngress } from "./ingress.ts";
import { persist, sleep } from "./persist.ts";
import { isUnknown, outcomeOf } from "./run-outcome.ts";

// Of `lib/events` this room has the types only: the rest of it does not run in browsers.
const TOPIC: typeof Topic = "RunEvents";
const LAST = ["run-ended", "run-failed", "run-cancelled"] as const satisfies readonly RunEvent["type"][];

/** Longer than the topic lets anybody wait: then the connection is dead. */
const PATIENCE_MS = 45_000;
/** How long after a run's end its last events may be on their way. */
const LAST_WORDS_MS = 5_000;
/** How long is waited after an answer with nothing in it, and how many of them a run that is over may give. */
const PAUSE_MS = 200;
const MAX_EMPTY = 10;

/** An event of a run, and where it stands among the run's events, from 0. */
export interface PositionedEvent {
  position: number;
  event: RunEvent;
}

/** How a run's events are read. */
export interface ReadOptions {
  /** Where to begin: the position after the last one seen. Default 0. */
  after?: number | undefined;
  /** Ends the reading. */
  signal?: AbortSignal | undefined;
}

/** Whether nothing more comes of a run after this event. */
export const isLastEvent = ({ type, path }: Pick<RunEvent, "type" | "path">): boolean =>
  path.length === 0 && LAST.some((last) => last === type);

/**
 * Reads what a run tells, as it happens, from Restate's ingress: each event once, in order, whatever breaks in between. It
 * ends after the run's last event, and when the run is over without one: it was killed, or it tells nothing.
 * @param run its id, `inv_…`.
 * @throws FanoutError when there is no such run, or the ingress refuses or does not come back; the signal's reason.
 */
export async function* readEvents(
  ingress: IngressAddress,
  run: string,
  { after = 0, signal }: ReadOptions = {},
): AsyncGenerator<PositionedEvent, void, undefined> {
  let next = after;
  let isOver = (await outcomeOf(ingress, run, signal)).state !== "running";
  for (let empty = 0; empty < MAX_EMPTY; ) {
    const offset = next;
    const patience = isOver ? LAST_WORDS_MS : PATIENCE_MS;
    const pulled = await persist(() => pull(ingress, run, { offset, patience, signal }), signal);
    if (pulled === undefined && isOver) return;
    for (const { position, event } of positioned(pulled)) {
      if (position >= next) yield { position, event };
      if (isLastEvent(event)) return;
      next = position + 1;
    }
    if (next > offset) {
      empty = 0;
      continue;
    }
    if (isOver) empty++;
    isOver ||= await hasEnded(ingress, run, signal);
    // What is on its way to the archive is not there at once.
    if (pulled) await sleep(PAUSE_MS, signal);
  }
}

function positioned(pulled: Pulled | undefined): PositionedEvent[] {
  if (pulled === undefined) return [];
  const { messages, nextOffset } = pulled;
  return messages.map((event, index) => ({ position: nextOffset - messages.length + index, event }));
}

/** A run that Restate has forgotten meanwhile has ended. */
async function hasEnded(
  ingress: IngressAddress,
  run: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return (await outcomeOf(ingress, run, signal)).state !== "running";
  } catch (error) {
    if (isUnknown(error)) return true;
    throw error;
  }
}

/** Asks once. @returns undefined when there was nothing. */
async function pull(
  ingress: IngressAddress,
  run: string,
  { offset, patience, signal }: { offset: number; patience: number; signal: AbortSignal | undefined },
): Promise<Pulled | undefined> {
  const timeout = AbortSignal.timeout(patience);
  try {
    return await openIngress(ingress, signal ? AbortSignal.any([signal, timeout]) : timeout).call<
      { offset: number },
      Pulled
    >({
      service: TOPIC,
      handler: "pull",
      key: run,
      parameter: { offset },
      opts: Opts.from({ input: serde.json, output: serde.json }),
    });
  } catch (error) {
    if (timeout.aborted) return undefined;
    const failure = fromIngress(error, ingress.url, false);
    if (failure.status === 408) return undefined;
    if (failure.code !== "not-found") throw failure;
    const message = `The deployment at ${ingress.url} tells nothing of its runs: it has no service "${TOPIC}".`;
    throw new FanoutError("unsupported", message, { status: 404, cause: error });
  }
}
