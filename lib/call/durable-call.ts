import {
  type Context,
  type InvocationPromise,
  RestatePromise,
  serde,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import { type ApprovedCall, approvalId, approvedCallee, askFor, needsApproval } from "./approval.ts";
import { tighterBounds } from "./bounds.ts";
import { callHeader } from "./call-header.ts";
import type { Callee } from "./callee.ts";
import { originOf } from "./origin.ts";
import { type CallReport, readReport } from "./report.ts";
import { scopeOf } from "./scope.ts";
import { beganAs } from "./trace.ts";

/** What a call is given beside its callee. */
interface CallRequest<Result> {
  input: unknown;
  /** The model's id of the call; undefined for a part of the call that is being answered. */
  id?: string | undefined;
  /** How long it is waited for, in ms, where that is less than the contract's. */
  timeoutMs?: number;
  /** Bytes that its result may take; counts where it is less than the contract's. */
  maxResultBytes?: number;
  /** What the callee is given beside its input, which nobody who approves the call sees. */
  rest?: object | undefined;
  /** The id of the question whether it may be made, where it was asked before. Default: a new one if the contract wants an approval. */
  approval?: string | undefined;
  /** More of its header. */
  header?: { tell?: string; by?: string; of?: string };
  /** When nobody waits any longer, ms since the epoch. */
  giveUpAt?: number | undefined;
  /** Whether its service tells of it in traces and metrics. Default: the caller does. */
  toldByCallee?: boolean;
  /** Reads the callee's report: as it comes out of the journal, since a wrapper of the promise could cost a wake-up. */
  read: (report: CallReport) => Result;
}

/** A call on its own function. Its timeout is durable too: it begins when `withinTimeout` or `settleTogether` sets its timer. */
export class DurableCall<Result> {
  readonly timeoutMs: number;
  /** What `read` made of the report, whenever it comes. Rejects with the callee's TerminalError. */
  readonly result: InvocationPromise<Result>;
  readonly #ctx: Context;
  #timedOut = false;

  /** Issues the call. */
  constructor(ctx: Context, callee: Callee, request: CallRequest<Result>) {
    const { id, toldByCallee, read } = request;
    const { to, parameter } = addressed(ctx, callee, request);
    this.timeoutMs = Math.min(to.timeout.seconds * 1000, request.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#ctx = ctx;
    this.result = ctx.genericCall<unknown, Result>({
      service: to.name,
      ...(to.key !== undefined && { key: to.key }),
      method: to.handler ?? "run",
      parameter,
      inputSerde: serde.json,
      outputSerde: {
        contentType: "application/json",
        serialize: serde.json.serialize,
        deserialize: (bytes) => read(readReport(bytes)),
      },
      headers: callHeader({
        ...originOf(ctx.request(), id),
        ...(toldByCallee && { by: beganAs(ctx.request()) }),
        ...request.header,
        ...tighterBounds(to, request),
      }),
      ...(to.key === undefined && scopeOf(to.name)),
    });
  }

  /** F4: the result, or a rejection with a TimeoutError when its time is over, retries and queueing included. */
  withinTimeout(): RestatePromise<Result> {
    const timedOut = this.#ctx.sleep(this.timeoutMs).map((): never => {
      this.#timedOut = true;
      throw new TimeoutError();
    });
    return RestatePromise.race([this.result, timedOut]);
  }

  /** F4: nobody waits for it any longer, so nothing of it may go on. Its id is in the journal already: this wakes nobody. */
  async cancel(): Promise<void> {
    this.#ctx.invocation(await this.result.invocationId).cancel();
  }

  /** Cancels the call if `withinTimeout` has ended so. */
  async cancelIfTimedOut(): Promise<void> {
    if (this.#timedOut) await this.cancel();
  }
}

/** Where a call goes, and with what: to its callee, or to the run's object, which makes it when somebody has approved it. */
function addressed(
  ctx: Context,
  callee: Callee,
  { input, rest = {}, id, header, ...request }: CallRequest<unknown>,
): { to: Callee; parameter: unknown } {
  const approval = request.approval ?? (needsApproval(callee, input) ? approvalId(ctx) : undefined);
  if (approval === undefined) return { to: callee, parameter: { ...(input as object), ...rest } };
  const { name, handler, timeout, maxResultBytes } = callee;
  const parameter: ApprovedCall = {
    ask: askFor(ctx, callee, { approval, input, id, tell: header?.tell }),
    callee: { name, handler, timeout, maxResultBytes },
    rest,
  };
  return { to: approvedCallee(ctx, callee), parameter };
}
