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

/** F13: the same promise, or a rejection with a CancelledError when the invocation is cancelled. */
export function orCancelled<T>(ctx: Context, promise: RestatePromise<T>): RestatePromise<T> {
  const cancellation = (ctx as internal.ContextInternal).cancellation().map((): never => {
    cancelled.add(ctx);
    throw new CancelledError();
  });
  return RestatePromise.race([promise, cancellation]);
}
