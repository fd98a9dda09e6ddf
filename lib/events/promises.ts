import type { Context } from "@restatedev/restate-sdk/lambda";
import {
  type ObjectContext,
  type RestatePromise,
  serde,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { callOrigin, durableStep, orCancelled, TOPIC } from "../call/index.ts";
import { check, explain } from "../runtime/index.ts";
import { publish } from "./log.ts";

/** Something that a run waits for from outside, by its name. Whoever waits for one name waits for the same. */
interface Promised {
  /** The awakeables of those who wait. */
  waiters: readonly string[];
  /** JSON Schema of the value, as somebody who waits expects it. */
  schema?: unknown;
  /** What came. */
  came?: { value: unknown };
  /** When it was last asked for or resolved, ms since the epoch. */
  at: number;
}
type AllPromised = Readonly<Record<string, Promised>>;
const KEY = "promises";

/** How a durable promise is named: also in the address of whoever resolves it. */
const promiseName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "expected letters, digits, . _ -, at most 100 characters");

/** What is waited for: a value that somebody outside gives once. */
export const resolution = z.strictObject({ name: promiseName, value: z.unknown() });

/** Nothing waits longer: the longest timeout of a composite. */
const MAX_WAIT_MS = 30 * 24 * 3_600_000;

/** Until when promises may be waited for, ms since the epoch. */
export const lastPromised = async (ctx: Pick<ObjectContext, "get">): Promise<number> =>
  Math.max(0, ...Object.values((await ctx.get<AllPromised>(KEY)) ?? {}).map(({ at }) => at + MAX_WAIT_MS));

const now = (ctx: ObjectContext) => durableStep(ctx, "now", async () => Date.now());
const allOf = async (ctx: ObjectContext) => (await ctx.get<AllPromised>(KEY)) ?? {};

/** Somebody who waits, with an awakeable. */
export interface Waiting {
  name: string;
  waiter: string;
  schema?: unknown;
}

/** Notes who waits, or wakes them at once with what has come already. */
export async function waitFor(ctx: ObjectContext, { name, waiter, schema }: Waiting): Promise<void> {
  const all = await allOf(ctx);
  const promised: Omit<Promised, "at"> = all[name] ?? { waiters: [] };
  if (promised.came) return ctx.resolveAwakeable(waiter, promised.came.value);
  const at = await now(ctx);
  const waiters = [...promised.waiters, waiter];
  // A run that nobody watches has no log yet; with it comes the day when all of this is forgotten.
  await publish(ctx, []);
  ctx.set(KEY, { ...all, [name]: { ...promised, at, waiters, ...(schema !== undefined && { schema }) } });
}

/**
 * Resolves a promise of a run, once: before or while it is waited for. The same value again changes nothing.
 * @returns how many were waiting.
 * @throws TerminalError 409 for another value, 400 for one that does not fit.
 */
export async function resolve(
  ctx: ObjectContext,
  { name, value = null }: z.output<typeof resolution>,
): Promise<{ waiting: number }> {
  const all = await allOf(ctx);
  const { waiters, schema, came } = all[name] ?? { waiters: [] };
  if (came) {
    if (JSON.stringify(came.value) === JSON.stringify(value)) return { waiting: 0 };
    throw new TerminalError(`"${name}" was resolved already, with another value.`, { errorCode: 409 });
  }
  const { problem } =
    schema === undefined ? {} : check(z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema), value);
  if (problem !== undefined) throw new TerminalError(`value: ${problem}`, { errorCode: 400 });
  for (const waiter of waiters) ctx.resolveAwakeable(waiter, value);
  await publish(ctx, []);
  ctx.set(KEY, { ...all, [name]: { waiters: [], came: { value }, at: await now(ctx) } });
  return { waiting: waiters.length };
}

/**
 * Waits in a service of the run for what somebody outside resolves.
 * @returns the value, checked. Rejects with a TerminalError for one that does not fit the schema.
 * @throws TypeError for a name that nobody could resolve.
 */
export function promiseOf<T extends z.ZodType>(
  ctx: Context,
  name: string,
  schema: T | undefined,
): RestatePromise<z.output<T>> {
  const named = promiseName.safeParse(name);
  if (!named.success) throw new TypeError(`waitFor: ${explain(named.error, name)}`);
  const { id: waiter, promise } = ctx.awakeable<unknown>();
  ctx.genericSend({
    service: TOPIC,
    key: callOrigin(ctx.request()).run,
    method: "wait",
    parameter: { name, waiter, ...(schema && { schema: z.toJSONSchema(schema, { io: "input" }) }) },
    inputSerde: serde.json,
  });
  return orCancelled(ctx, promise).map((value, reason) => {
    if (reason) throw reason;
    if (!schema) return value as z.output<T>;
    const checked = check(schema, value);
    if (checked.problem !== undefined) throw new TerminalError(`${name}: ${checked.problem}`);
    return checked.data;
  });
}
