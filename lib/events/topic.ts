import {
  handlers,
  type ObjectContext,
  type ObjectSharedContext,
  object,
  serde,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { jsonBytes, jsonSerde } from "../runtime/index.ts";
import { isLast, type Published, type RunEvent, TOPIC } from "./event.ts";
import { type OpenCalls, withoutRepeats } from "./open-calls.ts";

/** What travels to the function with each invocation, in bytes of events. What is older is archived. */
const MAX_STATE_BYTES = 32_768;
/** How many may wait for the next event; beyond that, who has waited longest is told that there is none yet. */
const MAX_WAITING = 64;
/** Shorter than what proxies allow a request. */
const WAIT = { seconds: 30 };
/** A run that has ended is remembered as long as Restate remembers it. */
const RETENTION = { hours: 24 };
/** Nobody waits longer for a run that says nothing: it was killed. */
const MAX_SILENCE_MS = 30 * 24 * 3_600_000;

/** A part of the log: events from a position on. */
interface Chunk {
  start: number;
  bytes: number;
}

/** What a topic knows of its log. Each chunk is in the state under a key of its own, or in an object of its own. */
interface Log {
  /** The position of the next event. */
  next: number;
  /** When something was last told, ms since the epoch. */
  at: number;
  chunks: readonly Chunk[];
  archived: readonly Chunk[];
  open: OpenCalls;
  ended: boolean;
}
const EMPTY: Log = { next: 0, at: 0, chunks: [], archived: [], open: {}, ended: false };

/** Somebody who has read to `offset`, and waits with an awakeable. */
const waiting = z.strictObject({ offset: z.int().min(0), id: z.string() });
type Waiting = z.output<typeof waiting>;

/** Events, and the position after them. The wire is that of `@restatedev/pubsub`, whose client can read it. */
export interface Pulled {
  messages: RunEvent[];
  nextOffset: number;
}
const pullRequest = z.object({ offset: z.int().min(0).optional() });

/** What the model writes, as the agent's function tells it through the ingress: the only event that comes from outside. */
const textEvent = z.strictObject({
  at: z.number(),
  path: z.array(z.string().max(200)).max(10),
  turn: z.int().min(1),
  text: z.string().max(100_000),
  begins: z.literal(true).optional(),
});

const keyOf = ({ start }: Chunk) => `chunk ${start}`;
const archiveOf = (run: string, { start }: Chunk) => `${run} from ${start}`;
const logOf = async (ctx: Pick<ObjectContext, "get">) => (await ctx.get<Log>("log")) ?? EMPTY;
const waitingFor = async (ctx: ObjectContext) => (await ctx.get<Waiting[]>("waiting")) ?? [];

/** Adds events, and wakes who waits for them. */
export async function publish(ctx: ObjectContext, published: Published[]): Promise<void> {
  const log = await logOf(ctx);
  const { events, open } = withoutRepeats(published, log.open);
  if (log.next === 0) forgetLater(ctx);
  const chunk = { start: log.next, bytes: jsonBytes(events) };
  if (events.length > 0) ctx.set(keyOf(chunk), events);
  const added: Log = {
    ...log,
    next: log.next + events.length,
    at: Math.max(log.at, ...events.map(({ at }) => at)),
    chunks: events.length > 0 ? [...log.chunks, chunk] : log.chunks,
    open,
    ended: log.ended || events.some(isLast),
  };
  ctx.set("log", await archive(ctx, added));
  if (events.length > 0) await wake(ctx, { messages: events, nextOffset: added.next });
}

/** Everybody who waits has read all that there was. */
async function wake(ctx: ObjectContext, news: Pulled): Promise<void> {
  for (const { id } of await waitingFor(ctx)) ctx.resolveAwakeable(id, news);
  ctx.clear("waiting");
}

/** Moves everything into an object of its own where the state has become too large to travel. */
async function archive(ctx: ObjectContext, log: Log): Promise<Log> {
  const bytes = log.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const [first] = log.chunks;
  if (first === undefined || bytes <= MAX_STATE_BYTES) return log;
  const chunk = { start: first.start, bytes };
  send(ctx, archiveOf(ctx.key, chunk), "keep", await eventsIn(ctx, log.chunks));
  for (const one of log.chunks) ctx.clear(keyOf(one));
  return { ...log, chunks: [], archived: [...log.archived, chunk] };
}

async function eventsIn(
  ctx: Pick<ObjectSharedContext, "get">,
  chunks: readonly Chunk[],
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (const chunk of chunks) events.push(...((await ctx.get<RunEvent[]>(keyOf(chunk))) ?? []));
  return events;
}

/** What there is from a position on, as soon as there is something. @throws TimeoutError (408) when there is nothing for 30 s. */
async function pull(ctx: ObjectSharedContext, { offset }: z.output<typeof pullRequest>): Promise<Pulled> {
  const log = await logOf(ctx);
  const from = offset ?? log.next;
  const { chunks, archived } = log;
  const old = archived.findLast(({ start }) => start <= from);
  const after = archived.find(({ start }) => start > from)?.start ?? chunks[0]?.start ?? log.next;
  if (old && from < after) {
    const events = await ctx.genericCall<null, RunEvent[]>({
      service: TOPIC,
      method: "read",
      key: archiveOf(ctx.key, old),
      parameter: null,
      inputSerde: serde.json,
      outputSerde: serde.json,
    });
    // It may be on its way there still: then there is nothing, and it is asked for again.
    const messages = events.slice(from - old.start);
    return { messages, nextOffset: from + messages.length };
  }
  if (from < log.next) {
    const begin = chunks.findLastIndex(({ start }) => start <= from);
    const events = await eventsIn(ctx, chunks.slice(begin));
    return { messages: events.slice(from - (chunks[begin]?.start ?? 0)), nextOffset: log.next };
  }
  if (log.ended) return { messages: [], nextOffset: log.next };
  const { id, promise } = ctx.awakeable<Pulled>();
  send(ctx, ctx.key, "wait", { offset: from, id });
  return await promise.orTimeout(WAIT);
}

/** Notes who waits, unless something has come meanwhile. */
async function wait(ctx: ObjectContext, { offset, id }: Waiting): Promise<void> {
  const { next, ended } = await logOf(ctx);
  if (next > offset || ended) {
    // To be asked for again: it may be archived.
    ctx.resolveAwakeable<Pulled>(id, { messages: [], nextOffset: offset });
    return;
  }
  const all = [...(await waitingFor(ctx)), { offset, id }];
  for (const one of all.slice(0, -MAX_WAITING))
    ctx.resolveAwakeable<Pulled>(one.id, { messages: [], nextOffset: one.offset });
  ctx.set("waiting", all.slice(-MAX_WAITING));
}

function forgetLater(ctx: ObjectContext): void {
  ctx.genericSend({
    service: TOPIC,
    method: "forget",
    key: ctx.key,
    parameter: new Uint8Array(),
    delay: RETENTION,
  });
}

/** Removes everything a day after the end of the run; looks again every day until then. */
export async function forget(ctx: ObjectContext): Promise<void> {
  const log = await logOf(ctx);
  const silentMs = (await ctx.date.now()) - log.at;
  if (log.ended ? silentMs < RETENTION.hours * 3_600_000 : silentMs < MAX_SILENCE_MS) return forgetLater(ctx);
  for (const chunk of log.archived) send(ctx, archiveOf(ctx.key, chunk), "forgetArchive", null);
  ctx.clearAll();
}

function send(ctx: ObjectSharedContext, key: string, method: string, parameter: unknown): void {
  ctx.genericSend({ service: TOPIC, method, key, parameter, inputSerde: serde.json });
}

const hidden = { ingressPrivate: true } as const;

/** The service. Only `pull` and `text` can be called from outside. */
export const topic = object({
  name: TOPIC,
  description: "What happens in runs, for those who watch them",
  handlers: {
    publish: handlers.object.exclusive(hidden, publish),
    text: handlers.object.exclusive(
      { input: jsonSerde(textEvent) },
      async (ctx: ObjectContext, { begins, ...event }: z.output<typeof textEvent>) =>
        publish(ctx, [{ type: "text", ...event, ...(begins && { begins }) }]),
    ),
    pull: handlers.object.shared({ input: jsonSerde(pullRequest) }, pull),
    wait: handlers.object.exclusive(hidden, wait),
    forget: handlers.object.exclusive(hidden, forget),
    keep: handlers.object.exclusive(hidden, async (ctx: ObjectContext, events: RunEvent[]) =>
      ctx.set("events", events),
    ),
    read: handlers.object.shared(
      hidden,
      async (ctx: ObjectSharedContext) => (await ctx.get<RunEvent[]>("events")) ?? [],
    ),
    forgetArchive: handlers.object.exclusive(hidden, async (ctx: ObjectContext) => ctx.clearAll()),
  },
  // What was told is in the state; nobody looks at the journals.
  options: { journalRetention: { seconds: 0 } },
});
