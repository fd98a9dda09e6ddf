import { Opts, SendOpts, serde } from "@restatedev/restate-sdk-clients";
import type { Pulled, RunEvent, TOPIC as Topic } from "../events/index.ts";
import { FanoutError, fromIngress, isPassing } from "./error.ts";
import { type IngressAddress, openIngress } from "./ingress.ts";
import { persist, sleep } from "./persist.ts";
import { isUnknown, outcomeOf } from "./run-outcome.ts";

// Of `lib/events` this room has the types only: the rest of it does not run in browsers.
const TOPIC: typeof Topic = "RunEvents";
const LAST = ["run-ended", "run-failed", "run-cancelled"] as const satisfies readonly RunEvent["type"][];

/** For one request that waits for nothing, in ms. */
const PATIENCE_MS = 30_000;
/** How long a request may wait for news, in ms: shorter than what proxies allow one. */
const WAIT_MS = 30_000;
/** What comes at the same time is read together. */
const GATHER_MS = 100;
/** A bell that is never rung, because its run was killed, begins then, which costs an invocation. */
const BELL_DELAY = { hours: 24 };
/** How long is waited, again and again, for the last events of a run that is over, in ms: they may be on their way. */
const LAST_WORDS_MS = [200, 400, 800, 1600, 2000];

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
  for (let empty = 0; empty < LAST_WORDS_MS.length; ) {
    const offset = next;
    const bell = isOver ? undefined : await hangBell(ingress, run, { offset, signal });
    const pulled = await pull(ingress, run, { offset, bell, signal });
    for (const { position, event } of positioned(pulled)) {
      if (position >= next) yield { position, event };
      if (isLastEvent(event)) return;
      next = position + 1;
    }
    if (bell === undefined) {
      if (next === offset) await sleep(LAST_WORDS_MS[empty++] as number, signal);
    } else if (await persist(() => rings(ingress, { run, bell, signal }), signal))
      await sleep(GATHER_MS, signal);
    else isOver = await hasEnded(ingress, run, signal);
  }
}

function positioned({ messages, nextOffset }: Pulled): PositionedEvent[] {
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

interface Place {
  offset: number;
  signal: AbortSignal | undefined;
}

/** @returns the id of an invocation that ends when there is news, for `pull`. All who have read as much share it. */
async function hangBell(ingress: IngressAddress, run: string, { offset, signal }: Place): Promise<string> {
  const opts = SendOpts.from({
    idempotencyKey: `after ${offset}`,
    delay: BELL_DELAY,
    input: serde.empty,
  });
  const send = () =>
    openIngress(ingress, within(PATIENCE_MS, signal), { retry: false }).send({
      service: TOPIC,
      handler: "ring",
      key: run,
      parameter: undefined,
      opts,
    });
  return (await ask(ingress, send, signal)).invocationId;
}

/** What there is. With a bell, it rings for what comes after that. */
async function pull(
  ingress: IngressAddress,
  run: string,
  { offset, bell, signal }: Place & { bell: string | undefined },
): Promise<Pulled> {
  const call = () =>
    openIngress(ingress, within(PATIENCE_MS, signal), { retry: false }).call<object, Pulled>({
      service: TOPIC,
      handler: bell ? "next" : "pull",
      key: run,
      parameter: { offset, bell },
      opts: Opts.from({ input: serde.json, output: serde.json }),
    });
  return await ask(ingress, call, signal);
}

/** Asks until there is an answer. */
async function ask<T>(
  { url }: IngressAddress,
  request: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const once = async () => {
    try {
      return await request();
    } catch (error) {
      throw fromIngress(error, url, false);
    }
  };
  try {
    return await persist(once, signal);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    const message = `The deployment at ${url} tells nothing of its runs: it has no service "${TOPIC}".`;
    throw new FanoutError("unsupported", message, { status: 404, cause: error });
  }
}

/**
 * Waits until a bell rings, or the run is over, at the cost of no invocation.
 * @returns whether the bell has rung. False also when nothing has happened for as long as one may wait.
 */
async function rings(
  ingress: IngressAddress,
  { run, bell, signal }: { run: string; bell: string; signal: AbortSignal | undefined },
): Promise<boolean> {
  const enough = new AbortController();
  const both = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  try {
    return await Promise.race([ends(ingress, bell, both), ends(ingress, run, both).then(() => false)]);
  } finally {
    signal?.throwIfAborted();
    enough.abort();
  }
}

/** Waits for the end of an invocation. @returns false when it took longer than one may wait. */
async function ends(ingress: IngressAddress, invocationId: string, signal: AbortSignal): Promise<boolean> {
  const timeout = AbortSignal.timeout(WAIT_MS);
  try {
    const address = openIngress(ingress, AbortSignal.any([signal, timeout]), { retry: false });
    await address.result({ invocationId, status: "Accepted", attachable: true }, serde.binary);
    return true;
  } catch (error) {
    if (timeout.aborted) return false;
    const failure = fromIngress(error, ingress.url, true);
    // A proxy has had enough of waiting.
    if (failure.status === 408 || failure.status === 504) return false;
    if (isPassing(failure)) throw failure;
    // It has failed, or was cancelled, now or before it was waited for.
    return true;
  }
}

function within(ms: number, signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}
