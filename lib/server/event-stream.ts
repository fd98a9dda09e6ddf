import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Told } from "./feed.ts";

/** Proxies cut what is silent for longer; a client takes it for dead after three times as much. */
const PING_MS = 15_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

/**
 * Sends events as a reader takes them. The last thing that a run's reader gets is `over`; a stream that ends without is to be
 * opened again, from the last id on.
 * @param open begins the reading, until the signal says that the reader has gone, or has read for long enough.
 * @param options `seconds`: how long it lasts at most. `onEnd` is called once, however it ends.
 */
export function eventStream(
  c: Context,
  open: (signal: AbortSignal) => AsyncIterable<Told>,
  { seconds, onEnd }: { seconds: number; onEnd: (failure?: unknown) => void },
): Response {
  // Proxies such as nginx would collect what is written.
  c.header("X-Accel-Buffering", "no");
  return streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const ending = setTimeout(() => gone.abort(), seconds * 1000);
    let writing = false;
    const write = async (text: string) => {
      writing = true;
      // It waits as long as the reader does not read.
      await stream.write(text);
      writing = false;
    };
    const pinging = setInterval(() => writing || stream.write(": ping\n\n"), PING_MS);
    try {
      await write(`retry: ${RETRY_MS}\n\n`);
      for await (const { position, type, json } of open(gone.signal))
        await write(`id: ${position}\nevent: ${type}\ndata: ${json}\n\n`);
      if (!gone.signal.aborted) await write("event: over\ndata: {}\n\n");
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
