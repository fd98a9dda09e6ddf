import { CancelledError, type Context, type internal, RestatePromise } from "@restatedev/restate-sdk/lambda";

/**
 * The options of a service that waits for its cancellation itself, where it waits for calls, with `orCancelled`.
 *
 * The SDK would throw at whatever is awaited when it reads the cancellation in the journal. A durable step is not waited for
 * (`durableStep`), so a response that goes on after one may come after a cancellation that the function did not know of. In a replay
 * the SDK would read that first, throw at the step, and never get to what was recorded after it: the run would be tried again
 * for ever.
 */
export const LISTENING = { explicitCancellation: true } as const;

/** Services that do not listen are cancelled by the SDK. */
const cancelled = new WeakSet<object>();

/** Whether `orCancelled` has thrown for an invocation. */
export const isCancelled = (ctx: Context): boolean => cancelled.has(ctx);

/** Invocations whose cancellation was read before anything waited for it with `orCancelled`: the SDK tells each of them once. */
const read = new WeakSet<object>();

/** F13: the same promise, or a rejection with a CancelledError when the invocation is cancelled. */
export function orCancelled<T>(ctx: Context, promise: RestatePromise<T>): RestatePromise<T> {
  const signal = read.has(ctx)
    ? RestatePromise.resolve(undefined)
    : (ctx as internal.ContextInternal).cancellation();
  const cancellation = signal.map((): never => {
    cancelled.add(ctx);
    throw new CancelledError();
  });
  return RestatePromise.race([promise, cancellation]);
}

/**
 * F13: whether the invocation was cancelled before this step ended, which every replay sees alike, by the order of the journal. Where
 * the step succeeds that is no reason to throw: what follows from it may be recorded already.
 */
export async function isCancelledFirst(ctx: Context, step: RestatePromise<unknown>): Promise<boolean> {
  if (read.has(ctx)) return true;
  const cancellation = (ctx as internal.ContextInternal).cancellation();
  const first = await RestatePromise.race([step.map(() => false), cancellation.map(() => true)]);
  if (first) read.add(ctx);
  return first;
}
