import type { Context } from "hono";
import { stream, streamSSE } from "hono/streaming";
import type { Told } from "./feed.ts";

/** Proxies cut what is silent for longer; a client takes it for dead after three times as much. */
const PING_MS = 15_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

/** What means nothing in a body, by its kind. */
const PINGS = { events: ": ping\n\n", json: "\n" };

/** Why a stream has ended before what it tells. */
export const TIME_IS_UP = new Error("The stream has lasted for as long as it may.");

/** How a stream is kept open. */
interface Keeping {
  /** How long it lasts at most. */
  seconds: number;
  /** Called once, however it ends. */
  onEnd: (failure?: unknown) => void;
}

/**
 * A body that is written bit by bit, and says something that means nothing while there is nothing to say.
 * @param kind what it consists of. @param work writes, as the reader takes it, until the signal aborts: with {@link TIME_IS_UP}, or because
 * nobody reads any more.
 */
export function keptAlive(
  c: Context,
  kind: "events" | "json",
  work: (write: (text: string) => Promise<void>, signal: AbortSignal) => Promise<void>,
  { seconds, onEnd }: Keeping,
): Response {
  // Proxies such as nginx would collect what is written.
  c.header("X-Accel-Buffering", "no");
  if (kind === "json") c.header("Content-Type", "application/json");
  return (kind === "json" ? stream : streamSSE)(c, async (body) => {
    const gone = new AbortController();
    body.onAbort(() => gone.abort());
    const ending = setTimeout(() => gone.abort(TIME_IS_UP), seconds * 1000);
    let writing = false;
    const write = async (text: string) => {
      writing = true;
      // It waits as long as the reader does not read.
      await body.write(text);
      writing = false;
    };
    const pinging = setInterval(() => writing || body.write(PINGS[kind]), PING_MS);
    try {
      await work(write, gone.signal);
      onEnd();
    } catch (failure) {
      onEnd(gone.signal.aborted ? undefined : failure);
    } finally {
      clearTimeout(ending);
      clearInterval(pinging);
      gone.abort();
    }
  });
}

/**
 * Sends events as a reader takes them. The last thing that a run's reader gets is `over`; a stream that ends without is to be
 * opened again, from the last id on.
 * @param open begins the reading, until the signal says that the reader has gone, or has read for long enough.
 */
export function eventStream(
  c: Context,
  open: (signal: AbortSignal) => AsyncIterable<Told>,
  keeping: Keeping,
): Response {
  const work: Parameters<typeof keptAlive>[2] = async (write, signal) => {
    await write(`retry: ${RETRY_MS}\n\n`);
    for await (const { position, type, json } of open(signal))
      await write(`id: ${position}\nevent: ${type}\ndata: ${json}\n\n`);
    if (!signal.aborted) await write("event: over\ndata: {}\n\n");
  };
  return keptAlive(c, "events", work, keeping);
}
