import { EventSourceParserStream } from "eventsource-parser/stream";
import { failureOf } from "./error.ts";
import { isLastEvent, type PositionedEvent, type ReadOptions } from "./event-reader.ts";
import { persist, sleep } from "./persist.ts";
import { ask, PATIENCE_MS, type RoutesAddress, request, tell } from "./routes-request.ts";
import type { RunStatus } from "./routes-wire.ts";
import { newKey, type Runs } from "./runs.ts";

/** How long a server is asked to wait for a run at a time, in seconds. */
const WAIT_SECONDS = 25;
/** How long is waited until a stream that has ended early is opened again. */
const PAUSE_MS = 200;

/** Runs through the routes of `fanout/server`. */
export function routeRuns(address: RoutesAddress): Runs {
  return {
    start: async (agent, input, { idempotencyKey = newKey(), signal }) =>
      (await tell<{ id: string }>(address, "/runs", { agent, ...input }, { idempotencyKey, signal })).id,
    events: (run, options) => events(address, run, options),
    async result(run, signal) {
      for (;;) {
        const path = `${pathOf(run)}?wait=${WAIT_SECONDS}`;
        const status = await ask<RunStatus>(address, path, { signal });
        if (status.state === "succeeded") return status.output;
        if (status.state !== "running") throw failureOf(status.error.status, status.error.message, true);
      }
    },
    async cancel(run, signal) {
      await tell(address, `${pathOf(run)}/cancel`, {}, { signal });
    },
    approvals: (run, signal) => ask(address, `${pathOf(run)}/approvals`, { signal }),
    resolve: (run, { name, value }, signal) =>
      tell(address, `${pathOf(run)}/promises/${encodeURIComponent(name)}`, { value }, { signal }),
    // Who answers, the server says.
    answer: (run, { approval, by: _, ...answer }, signal) =>
      tell(address, `${pathOf(run)}/approvals/${encodeURIComponent(approval)}`, answer, { signal }),
  };
}

const pathOf = (run: string) => `/runs/${encodeURIComponent(run)}`;

/** Opens the stream again, from where it was, until it has said that the run is over. */
async function* events(
  address: RoutesAddress,
  run: string,
  { after = 0, signal }: ReadOptions,
): AsyncGenerator<PositionedEvent, void, undefined> {
  let next = after;
  for (;;) {
    const stream = await persist(() => openStream(address, run, next, signal), signal);
    if (stream === undefined) return;
    try {
      for (;;) {
        const { done, value } = await stream.messages.read();
        if (done) break;
        stream.alive();
        const { id, event, data } = value;
        if (event === "over") return;
        if (id === undefined) continue;
        const one: PositionedEvent = { position: Number(id), event: JSON.parse(data) };
        next = one.position + 1;
        yield one;
        if (isLastEvent(one.event)) return;
      }
    } catch {
      signal?.throwIfAborted();
    } finally {
      stream.close();
    }
    await sleep(PAUSE_MS, signal);
    signal?.throwIfAborted();
  }
}

/** @returns undefined where the run is over, and nothing comes any more. */
async function openStream(
  address: RoutesAddress,
  run: string,
  next: number,
  signal: AbortSignal | undefined,
) {
  const closed = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => closed.abort(), PATIENCE_MS);
  };
  const close = () => {
    clearTimeout(timer);
    closed.abort();
  };
  alive();
  try {
    const response = await request(address, `${pathOf(run)}/events`, {
      headers: { accept: "text/event-stream", ...(next > 0 && { "last-event-id": String(next - 1) }) },
      signal: signal ? AbortSignal.any([signal, closed.signal]) : closed.signal,
    });
    if (response.status === 204 || !response.body) {
      close();
      return undefined;
    }
    // With a reader, because not every browser can iterate over a stream.
    const messages = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ onComment: alive }))
      .getReader();
    return { messages, alive, close };
  } catch (error) {
    close();
    throw error;
  }
}
