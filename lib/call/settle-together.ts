import { CancelledError, type Context, RestatePromise, TimeoutError } from "@restatedev/restate-sdk/lambda";
import { orCancelled } from "./cancellation.ts";
import type { DurableCall } from "./durable-call.ts";

/**
 * Awaits calls that were issued at the same time, each within its own timeout (F4); one that times out is cancelled.
 * The calls stand in ONE flat `allSettled`, beside one timer per distinct timeout: the server wakes the caller when the last
 * call has ended, or when a time is over. A combinator per call would wake it as seldom, but costs more the more calls
 * there are.
 * @returns their outcomes, in their order; that of a timeout is a TimeoutError.
 * @throws CancelledError when the caller is cancelled: then the calls are, too (F13).
 */
export async function settleTogether<Result>(
  ctx: Context,
  calls: readonly DurableCall<Result>[],
): Promise<PromiseSettledResult<Result>[]> {
  const outcomes = new Map<DurableCall<Result>, PromiseSettledResult<Result>>();
  let waiting = calls;
  for (const { timeoutMs, timer } of timersOf(ctx, calls)) {
    // F2: all of them, so that a failure leaves its siblings alone.
    const all = RestatePromise.allSettled(waiting.map(({ result }) => result));
    const ended = await orCancelled(ctx, RestatePromise.race([all, timer])).catch((error) =>
      cancelAll(waiting, error),
    );
    const due = ended ? waiting : waiting.filter((call) => call.timeoutMs === timeoutMs);
    for (const [index, outcome] of (ended ?? (await endedBy(timer, due))).entries()) {
      const call = due[index] as DurableCall<Result>;
      outcomes.set(call, outcome);
      if (outcome.status === "rejected" && outcome.reason instanceof TimeoutError) await call.cancel();
    }
    waiting = waiting.filter((call) => !outcomes.has(call));
    if (waiting.length === 0) break;
  }
  return calls.map((call) => outcomes.get(call) as PromiseSettledResult<Result>);
}

/** F13: nobody waits for them any longer. */
export async function cancelAll(
  calls: Iterable<Pick<DurableCall<unknown>, "cancel">>,
  reason: unknown,
): Promise<never> {
  if (reason instanceof CancelledError) for (const call of calls) await call.cancel();
  throw reason;
}

type Timer = RestatePromise<void>;

/** A timer for each timeout, the shortest first. All are set now: a time counts from when the calls were issued. */
function timersOf(
  ctx: Context,
  calls: readonly { timeoutMs: number }[],
): { timeoutMs: number; timer: Timer }[] {
  const timeouts = [...new Set(calls.map(({ timeoutMs }) => timeoutMs))].sort((a, b) => a - b);
  return timeouts.map((timeoutMs) => ({ timeoutMs, timer: ctx.sleep(timeoutMs) }));
}

/** Which calls have ended before a timer that has fired: they stand first in the race, and it is decided already. */
function endedBy<Result>(
  timer: Timer,
  calls: readonly DurableCall<Result>[],
): RestatePromise<PromiseSettledResult<Result>[]> {
  const late = timer.map((): never => {
    throw new TimeoutError();
  });
  return RestatePromise.allSettled(calls.map(({ result }) => RestatePromise.race([result, late])));
}
