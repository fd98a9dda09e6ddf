import {
  type Context,
  type InvocationPromise,
  RestatePromise,
  type Serde,
  serde,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import { CALL_BOUNDS } from "./call-bounds.ts";
import { originHeaders } from "./call-origin.ts";
import type { Tool } from "./contract.ts";
import { scopeOf } from "./flow-control.ts";
import type { ToolResult } from "./perform.ts";

/** The calls that a composite makes: durable, each within its tool's timeout, cancelled when that passes. */
export class PartCalls {
  readonly #ctx: Context;
  readonly #timedOut: InvocationPromise<unknown>[] = [];
  #startedAt = Number.POSITIVE_INFINITY;
  #endedAt = 0;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** @param id the model's id of the call; undefined for a part of the call that is being answered. */
  issue<In extends z.ZodObject, Out extends z.ZodType>(
    tool: Tool<In, Out>,
    input: z.input<In>,
    id?: string,
  ): RestatePromise<z.output<Out>> {
    const request = this.#ctx.request();
    const giveUpAt = request.headers.get(CALL_BOUNDS.giveUpAt);
    const call = this.#ctx.genericCall<unknown, z.output<Out>>({
      service: tool.name,
      method: "run",
      parameter: input,
      inputSerde: serde.json,
      outputSerde: this.#output(),
      headers: {
        ...originHeaders(request, id),
        ...(giveUpAt && { [CALL_BOUNDS.giveUpAt]: giveUpAt }),
      },
      ...scopeOf(tool.name),
    });
    // F4: durable, as an agent's calls have it.
    const { seconds } = tool.timeout;
    const timeout = this.#ctx.sleep({ seconds }).map((): never => {
      this.#timedOut.push(call);
      throw new TimeoutError();
    });
    return RestatePromise.race([call, timeout]);
  }

  /** From the first part's begin to the last one's end; undefined when no part said. */
  get span(): Pick<ToolResult, "startedAt" | "durationMs"> | undefined {
    if (this.#endedAt === 0) return undefined;
    return {
      startedAt: new Date(this.#startedAt).toISOString(),
      durationMs: this.#endedAt - this.#startedAt,
    };
  }

  /** F4: nobody waits for these any longer, so nothing of them may go on. Their ids are in the journal: it wakes nobody. */
  async cancelTimedOut(): Promise<void> {
    for (const call of this.#timedOut) this.#ctx.invocation(await call.invocationId).cancel();
  }

  /** Takes the output out of a tool's result, and notes when it was made. A wrapper of the promise would cost a wake-up. */
  #output<T>(): Serde<T> {
    return {
      contentType: "application/json",
      serialize: serde.json.serialize,
      deserialize: (bytes) => {
        const { output, startedAt, durationMs } = serde.json.deserialize(bytes) as ToolResult;
        if (startedAt) {
          this.#startedAt = Math.min(this.#startedAt, Date.parse(startedAt));
          this.#endedAt = Math.max(this.#endedAt, Date.parse(startedAt) + durationMs);
        }
        return output as T;
      },
    };
  }
}
