import {
  CancelledError,
  type ObjectSharedContext,
  serde,
  TerminalError,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import {
  type Approval,
  type ApprovedCall,
  type CallReport,
  callBounds,
  callFailure,
  callField,
  callOrigin,
  courseOf,
  DurableCall,
  TOPIC,
} from "../call/index.ts";
import { cleanMessage } from "../runtime/index.ts";

/** How long after a call's own time its tool may still begin, in ms. */
const GIVE_UP_MARGIN_MS = 60_000;

/**
 * Makes a call when somebody has approved it. It waits in the run's object, on no function: for days, at no cost, and neither its
 * caller nor the calls beside it wait for it.
 * @throws TerminalError as the call's own service does; also when it was denied, or nobody has answered in time.
 */
export async function callApproved(
  ctx: ObjectSharedContext,
  { ask, callee, rest }: ApprovedCall,
): Promise<CallReport> {
  const approval = await answerTo(ctx, ask);
  if (approval.decision !== "approved") {
    const durationMs = approval.decision === "expired" ? ask.seconds * 1000 : 0;
    throw callFailure(inWords(approval, ask.seconds), { approval, durationMs });
  }
  const { headers } = ctx.request();
  const timeoutMs = callee.timeout.seconds * 1000;
  const { giveUpAt, maxResultBytes } = callBounds(ctx, callee);
  const tell = callField(headers, "tell");
  const by = callField(headers, "by");
  const call = new DurableCall(ctx, callee, {
    input: approval.input ?? ask.input,
    rest,
    id: callOrigin(ctx.request()).call,
    maxResultBytes,
    giveUpAt: Math.min(giveUpAt, Date.parse(approval.at) + timeoutMs + GIVE_UP_MARGIN_MS),
    // Traces know it as this invocation.
    header: { ...(tell !== undefined && { tell }), ...(by !== undefined && { by }), of: ctx.request().id },
    read: (report) => report,
  });
  try {
    return { ...(await call.withinTimeout()), approval };
  } catch (error) {
    if (error instanceof TimeoutError) {
      await call.cancelIfTimedOut();
      const message = `timeout after ${callee.timeout.seconds} s`;
      throw callFailure(message, { approval, durationMs: timeoutMs, late: true });
    }
    if (error instanceof CancelledError || !(error instanceof TerminalError)) throw error;
    throw callFailure(cleanMessage(error), { ...courseOf(error), approval });
  }
}

/** Asks, and waits for the answer. */
async function answerTo(ctx: ObjectSharedContext, ask: ApprovedCall["ask"]): Promise<Approval> {
  const { id: waiter, promise } = ctx.awakeable<Approval>();
  const ours = { service: TOPIC, key: ctx.key, inputSerde: serde.json } as const;
  ctx.genericSend({ ...ours, method: "ask", parameter: { asks: [ask], waiter } });
  try {
    return await promise.orTimeout({ seconds: ask.seconds });
  } catch (error) {
    if (error instanceof TimeoutError)
      return await ctx.genericCall<unknown, Approval>({
        ...ours,
        method: "close",
        parameter: { ids: [ask.id], expired: true },
        outputSerde: serde.json,
      });
    // F13: nobody waits for it any more.
    if (error instanceof CancelledError)
      ctx.genericSend({ ...ours, method: "close", parameter: { ids: [ask.id] } });
    throw error;
  }
}

function inWords({ decision, by, reason }: Approval, seconds: number): string {
  if (decision === "expired") return `Not called: nobody has approved it within ${duration(seconds)}.`;
  return `Not called: denied${by === undefined ? "" : ` by ${by}`}${reason === undefined ? "." : `: ${reason}`}`;
}

const duration = (seconds: number) =>
  seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
