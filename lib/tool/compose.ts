import {
  CancelledError,
  type Context,
  type Duration,
  type RestatePromise,
  type Serde,
  serde,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import {
  type CallReport,
  callBounds,
  callFailure,
  callOrigin,
  DurableCall,
  durableStep,
  isCancelled,
  LISTENING,
  orCancelled,
  spanOf,
} from "../call/index.ts";
import { promiseOf } from "../events/index.ts";
import { cleanMessage, logUnexpected } from "../runtime/index.ts";
import { AwaitedParts } from "./awaited-parts.ts";
import type { Tool } from "./contract.ts";
import { ToolError } from "./error.ts";
import { toolService } from "./implement.ts";
import { makeOutput } from "./output.ts";

/** What a composite's code works with. Between its awaits it is replayed: no clock, no randomness, no I/O of its own. */
export interface Parts {
  /**
   * Calls another tool on its own function, durably, within that tool's timeout.
   * Await several in ONE `RestatePromise.allSettled`: the composite is then woken once, when the last one is done.
   * JavaScript's own `Promise.allSettled`, `all`, `race` and `any` end the call with an error that says so.
   * Rejects with what a person may read when the tool fails, or with a TimeoutError.
   */
  call<In extends z.ZodObject, Out extends z.ZodType>(
    tool: Tool<In, Out>,
    input: z.input<In>,
  ): RestatePromise<z.output<Out>>;
  /** Runs a part in this function, as a durable step: its result is kept when another part is tried again. */
  run<T>(name: string, part: () => T | Promise<T>): RestatePromise<T>;
  /** Waits, on no function: for a second or for weeks, as long as the composite's own timeout allows. */
  sleep(duration: Duration | number): RestatePromise<void>;
  /**
   * Waits for what somebody outside resolves once, with this name, in the run `runId`: a client, a route, or a web hook of your own
   * (`fanout/client`). It may come before it is waited for. Rejects with a TimeoutError when it takes longer than `timeout`; default:
   * the composite's own. `options.schema` says what comes; default: any JSON.
   */
  waitFor<T extends z.ZodType = z.ZodUnknown>(
    name: string,
    options?: { schema?: T; timeout?: Duration | number },
  ): RestatePromise<z.output<T>>;
  /** The id of the run that this call belongs to: with it somebody outside finds what is waited for. */
  readonly runId: string;
}

/**
 * Makes a tool out of other tools, or out of durable steps: the model sees one call, its parts run at the same time.
 * Set the contract's `effect: "write"` where a part writes. Its failure is a result like any tool's.
 */
export function composeTool<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(
  tool: Tool<In, Out, Env, Secret>,
  implementation: (input: z.output<In>, parts: Parts) => Promise<z.input<Out>>,
) {
  const run = async (ctx: Context, input: z.output<In>): Promise<CallReport> => {
    const { maxResultBytes, giveUpAt } = callBounds(ctx, tool);
    const parts = new DurableParts(ctx, giveUpAt);
    const awaited = new AwaitedParts();
    const watched: Parts = {
      call: (part, partInput) => awaited.watch(parts.call(part, partInput)),
      run: (name, part) => awaited.watch(parts.run(name, part)),
      sleep: (duration) => awaited.watch(parts.sleep(duration)),
      waitFor: (name, options) => awaited.watch(parts.waitFor(name, options)),
      runId: parts.runId,
    };
    try {
      const work = async () => awaited.orMisuse(implementation(input, watched));
      const { output, truncated } = await makeOutput(tool, work, { ctx, maxResultBytes });
      // F13: a part that was not waited for in the end has been told instead.
      if (isCancelled(ctx)) throw new CancelledError();
      return { output, attempts: 1, ...spanOf(parts.ended), truncated };
    } catch (error) {
      // F13: a cancellation among them.
      if (error instanceof TerminalError) throw error;
      if (!(error instanceof ToolError)) logUnexpected(ctx, error);
      throw callFailure(cleanMessage(error));
    } finally {
      await parts.cancelUnwanted();
    }
  };
  return toolService(tool, run, LISTENING);
}

type Times = Pick<CallReport, "startedAt" | "durationMs">;

/** The parts of one call. Their times come out of the journal with their results: between two awaits there is no clock. */
class DurableParts implements Parts {
  readonly #ctx: Context;
  readonly #giveUpAt: number;
  readonly #calls: DurableCall<unknown>[] = [];
  /** When each part that has ended began, and how long it took. */
  readonly ended: Times[] = [];

  /** @param giveUpAt when nobody waits for the whole any longer, ms since the epoch. */
  constructor(ctx: Context, giveUpAt: number) {
    this.#ctx = ctx;
    this.#giveUpAt = giveUpAt;
  }

  call<In extends z.ZodObject, Out extends z.ZodType>(
    tool: Tool<In, Out>,
    input: z.input<In>,
  ): RestatePromise<z.output<Out>> {
    const read = ({ output, ...times }: CallReport) => {
      this.ended.push(times);
      return output as z.output<Out>;
    };
    const request = { input, giveUpAt: this.#giveUpAt, toldByCallee: true, read };
    const call = new DurableCall(this.#ctx, tool, request);
    this.#calls.push(call);
    return orCancelled(this.#ctx, call.withinTimeout());
  }

  run<T>(name: string, part: () => T | Promise<T>): RestatePromise<T> {
    const times: Times = { startedAt: null, durationMs: 0 };
    return durableStep(
      this.#ctx,
      name,
      async () => {
        const begun = Date.now();
        times.startedAt = new Date(begun).toISOString();
        const value = await part();
        times.durationMs = Date.now() - begun;
        return value;
      },
      { serde: this.#timed<T>(times) },
    );
  }

  get runId(): string {
    return callOrigin(this.#ctx.request()).run;
  }

  sleep(duration: Duration | number): RestatePromise<void> {
    return orCancelled(this.#ctx, this.#ctx.sleep(duration));
  }

  waitFor<T extends z.ZodType = z.ZodUnknown>(
    name: string,
    { schema, timeout }: { schema?: T; timeout?: Duration | number } = {},
  ): RestatePromise<z.output<T>> {
    const promise = promiseOf(this.#ctx, name, schema);
    return timeout === undefined ? promise : promise.orTimeout(timeout);
  }

  /** F4: nobody waits for these any longer, so nothing of them may go on. */
  async cancelUnwanted(): Promise<void> {
    for (const call of this.#calls) await (isCancelled(this.#ctx) ? call.cancel() : call.cancelIfTimedOut());
  }

  /** A step's value in the journal, with its times. */
  #timed<T>(times: Times): Serde<T> {
    return {
      contentType: "application/json",
      serialize: (value) => serde.json.serialize({ value, times }),
      deserialize: (bytes) => {
        const step = serde.json.deserialize(bytes) as { value: T; times: Times };
        this.ended.push(step.times);
        return step.value;
      },
    };
  }
}
