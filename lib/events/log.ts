import {
  type InvocationId,
  type ObjectContext,
  type ObjectSharedContext,
  serde,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import { jsonBytes } from "../runtime/index.ts";
import { isLast, type Published, type RunEvent, TOPIC } from "./event.ts";
import { type OpenCalls, withoutRepeats } from "./open-calls.ts";

// What a run has told, in the state of its object: added to, read, and waited for.

/** What travels to the function with each invocation, in bytes of events. What is older is archived. */
const MAX_STATE_BYTES = 32_768;
/** How many bells may hang; beyond that, the oldest is rung. */
const MAX_BELLS = 64;
/** A run that has ended is remembered as long as Restate remembers it. */
export const RETENTION = { hours: 24 };

/** A part of the log: events from a position on. */
export interface Chunk {
  start: number;
  bytes: number;
}

/** What a topic knows of its log. Each chunk is in the state under a key of its own, or in an object of its own. */
export interface Log {
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

/** Events, and the position after them. The wire is that of `@restatedev/pubsub`, whose client can read it. */
export interface Pulled {
  messages: RunEvent[];
  nextOffset: number;
}
const keyOf = ({ start }: Chunk) => `chunk ${start}`;
export const archiveOf = (run: string, { start }: Chunk) => `${run} from ${start}`;
export const logOf = async (ctx: Pick<ObjectContext, "get">) => (await ctx.get<Log>("log")) ?? EMPTY;
const bellsOf = async (ctx: ObjectContext) => (await ctx.get<string[]>("bells")) ?? [];

/** Adds events, and rings for who waits for them. */
export async function publish(ctx: ObjectContext, published: Published[]): Promise<void> {
  const log = await logOf(ctx);
  const { events, open } = withoutRepeats(published, log.open);
  if (log === EMPTY) forgetLater(ctx);
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
  if (events.length === 0) return;
  for (const bell of await bellsOf(ctx)) ring(ctx, bell);
  ctx.clear("bells");
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

/** What there is from a position on. */
export async function readFrom(ctx: ObjectSharedContext, log: Log, from: number): Promise<Pulled> {
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
  if (from >= log.next) return { messages: [], nextOffset: from };
  const begin = chunks.findLastIndex(({ start }) => start <= from);
  const events = await eventsIn(ctx, chunks.slice(begin));
  return { messages: events.slice(from - (chunks[begin]?.start ?? 0)), nextOffset: log.next };
}

/**
 * Reads, and hangs up a bell for somebody who has read everything and waits for more: an invocation of `ring` which the
 * reader has delayed by a day. It is cancelled when there is news, which ends a request that waits for it. So waiting
 * costs no invocation, however long it is and however many wait.
 */
export async function nextOf(
  ctx: ObjectContext,
  { offset, bell }: { offset: number; bell: string },
): Promise<Pulled> {
  if (!isOfTheSameKey(bell, ctx.request().id))
    throw new TerminalError(`bell: expected the id of a delayed call of ${TOPIC}/${ctx.key}/ring`, {
      errorCode: 400,
    });
  const log = await logOf(ctx);
  const pulled = await readFrom(ctx, log, offset);
  const bells = [...(await bellsOf(ctx)).filter((other) => other !== bell), bell];
  const hangs = !log.ended && pulled.nextOffset >= log.next;
  const unneeded = hangs ? bells.slice(0, -MAX_BELLS) : [bell];
  for (const one of unneeded) ring(ctx, one);
  if (hangs) ctx.set("bells", bells.slice(-MAX_BELLS));
  return pulled;
}

const ring = (ctx: ObjectContext, bell: string) => ctx.invocation(bell as InvocationId).cancel();

/** `inv_1` and the partition's key in base 62: what an id says of the object's key. */
const ID_PREFIX_LENGTH = 16;

/** Nobody may have other invocations cancelled than those of this object. */
const isOfTheSameKey = (invocation: string, ours: string) =>
  invocation.slice(0, ID_PREFIX_LENGTH) === ours.slice(0, ID_PREFIX_LENGTH);

export function forgetLater(ctx: ObjectContext): void {
  ctx.genericSend({
    service: TOPIC,
    method: "forget",
    key: ctx.key,
    parameter: new Uint8Array(),
    delay: RETENTION,
  });
}

export function send(ctx: ObjectSharedContext, key: string, method: string, parameter: unknown): void {
  ctx.genericSend({ service: TOPIC, method, key, parameter, inputSerde: serde.json });
}
