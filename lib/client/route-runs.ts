import { EventSourceParserStream } from "eventsource-parser/stream";
import { FanoutError, failureOf, read } from "./error.ts";
import { isLastEvent, type PositionedEvent, type ReadOptions } from "./event-reader.ts";
import { persist, sleep } from "./persist.ts";
import type { RunStatus } from "./routes-wire.ts";
import { newKey, type Runs } from "./runs.ts";

/** Where the routes of `fanout/server` are mounted. */
export interface RoutesAddress {
  /** Such as `https://example.com/api`, or `/api` on a page of the same site. */
  url: string;
  /** A bearer token for the server's own `authorize`. Default: none; on a page, its cookies go along. */
  token?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** For one request, in ms; and how long a stream may be silent, which says something every 15 s. */
const PATIENCE_MS = 45_000;
/** How long a server is asked to wait for a run at a time, in seconds. */
const WAIT_SECONDS = 25;
/** How long is waited until a stream that has ended early is opened again. */
const PAUSE_MS = 200;

const JSON_TYPE = { "content-type": "application/json" };

/** Runs through the routes of `fanout/server`. */
export function routeRuns(address: RoutesAddress): Runs {
  return {
    async start(agent, input, { idempotencyKey = newKey(), signal }) {
      const { id } = await ask<{ id: string }>(address, "/runs", {
        method: "POST",
        headers: { ...JSON_TYPE, "idempotency-key": idempotencyKey },
        body: JSON.stringify({ agent, ...input }),
        signal,
      });
      return id;
    },
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
      await ask(address, `${pathOf(run)}/cancel`, { method: "POST", headers: JSON_TYPE, body: "{}", signal });
    },
    approvals: (run, signal) => ask(address, `${pathOf(run)}/approvals`, { signal }),
    resolve: (run, { name, value }, signal) =>
      ask(address, `${pathOf(run)}/promises/${encodeURIComponent(name)}`, {
        method: "POST",
        headers: JSON_TYPE,
        body: JSON.stringify({ value }),
        signal,
      }),
    // Who answers, the server says.
    answer: (run, { approval, by: _, ...answer }, signal) =>
      ask(address, `${pathOf(run)}/approvals/${encodeURIComponent(approval)}`, {
        method: "POST",
        headers: JSON_TYPE,
        body: JSON.stringify(answer),
        signal,
      }),
  };
}

const pathOf = (run: string) => `/runs/${encodeURIComponent(run)}`;

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal: AbortSignal | undefined;
}

/** Asks until there is an answer. */
const ask = <T>(address: RoutesAddress, path: string, asked: Asked): Promise<T> =>
  persist(async () => {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const response = await request(address, path, {
      ...asked,
      signal: asked.signal ? AbortSignal.any([asked.signal, timeout]) : timeout,
    });
    return (await response.json().catch((cause) => Promise.reject(unavailable(address, cause)))) as T;
  }, asked.signal);

async function request(
  { url, token, fetch = globalThis.fetch }: RoutesAddress,
  path: string,
  { headers, ...asked }: Asked,
): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    ...asked,
    signal: asked.signal ?? null,
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
  }).catch((cause) => Promise.reject(unavailable({ url }, cause)));
  if (response.ok) return response;
  const { message } = read(await response.text().catch(() => ""));
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw failureOf(
    response.status,
    message || `${url} answered ${response.status}.`,
    false,
    Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  );
}

const unavailable = ({ url }: RoutesAddress, cause: unknown) =>
  new FanoutError("unavailable", `The routes at ${url} do not answer.`, { cause });

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
