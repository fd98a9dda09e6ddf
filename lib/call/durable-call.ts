import {
  type Context,
  type InvocationPromise,
  RestatePromise,
  serde,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import { tighterBounds } from "./bounds.ts";
import { callHeader } from "./call-header.ts";
import { originOf } from "./origin.ts";
import { type CallReport, readReport } from "./report.ts";
import { scopeOf } from "./scope.ts";

/** What is called: the part of a contract that an issued call needs. */
export interface Callee {
  /** The Restate service. */
  name: string;
  /** The service's handler. Default `run`. */
  handler?: string | undefined;
  /** How long a call is waited for. */
  timeout: { seconds: number };
  /** Bytes that a result may take. */
  maxResultBytes: number;
}

/** What a call is given beside its callee. */
interface CallRequest<Result> {
  input: unknown;
  /** The model's id of the call; undefined for a part of the call that is being answered. */
  id?: string | undefined;
  /** How long it is waited for, in ms, where that is less than the contract's. */
  timeoutMs?: number;
  /** Bytes that its result may take; counts where it is less than the contract's. */
  maxResultBytes?: number;
  /** More of its header. */
  header?: { tell?: string };
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
    const { input, id, toldByCallee, read } = request;
    const { name, handler = "run", timeout } = callee;
    this.timeoutMs = Math.min(timeout.seconds * 1000, request.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#ctx = ctx;
    this.result = ctx.genericCall<unknown, Result>({
      service: name,
      method: handler,
      parameter: input,
      inputSerde: serde.json,
      outputSerde: {
        contentType: "application/json",
        serialize: serde.json.serialize,
        deserialize: (bytes) => read(readReport(bytes)),
      },
      headers: callHeader({
        ...originOf(ctx.request(), id),
        ...(toldByCallee && { by: ctx.request().id }),
        ...request.header,
        ...tighterBounds(callee, request),
      }),
      ...scopeOf(name),
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
