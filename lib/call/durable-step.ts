import { type Context, RestatePromise, type RunOptions, serde } from "@restatedev/restate-sdk/lambda";

/**
 * A durable step whose result is there before Restate has acknowledged it, so that a step and what follows from it cost
 * one invocation. On Lambda a plain `ctx.run` ends one: its acknowledgement can only come with the next request.
 *
 * It need not be waited for. A response's messages are taken in their order, and the result is written into it before
 * any code that could use the result runs: `serialize` is called in the very turn of the event loop in which the SDK
 * writes what it returns. So whatever part of a response arrives, nothing is recorded that follows from a result that is
 * not. Where the response is lost the step runs again, as any step whose acknowledgement is lost does.
 *
 * Only success is early, as the journal would give it back; failures, retries and cancellations go the usual way. A server
 * or an SDK that has another order would be caught by the tests of the frames; the package's version is pinned.
 * @param options `serde` default: JSON.
 */
export function durableStep<T>(
  ctx: Context,
  name: string,
  work: () => Promise<T>,
  { serde: as = serde.json, ...options }: RunOptions<T> = {},
): RestatePromise<T> {
  const early = Promise.withResolvers<T>();
  const step = ctx.run(name, work, {
    ...options,
    serde: {
      contentType: "application/json",
      serialize: (value) => {
        const bytes = as.serialize(value);
        early.resolve(as.deserialize(bytes) as T);
        return bytes;
      },
      deserialize: (bytes) => as.deserialize(bytes) as T,
    },
  });
  return RestatePromise.race([step, RestatePromise.resolve(early.promise)]);
}
