import { type RestatePromise, TerminalError } from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import { AwaitedParts } from "./awaited-parts.ts";
import { callBounds } from "./call-bounds.ts";
import type { Tool } from "./contract.ts";
import { cleanMessage, ToolError } from "./error.ts";
import { toolService } from "./implement.ts";
import { logUnexpected } from "./log.ts";
import { makeOutput } from "./output.ts";
import { PartCalls } from "./part-calls.ts";
import { TOOL_FAILED, type ToolResult } from "./perform.ts";

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
  return toolService(tool, async (ctx, input): Promise<ToolResult> => {
    const begun = { startedAt: new Date().toISOString(), durationMs: 0 };
    const calls = new PartCalls(ctx);
    const awaited = new AwaitedParts();
    const parts: Parts = {
      call: (part, partInput) => awaited.watch(calls.issue(part, partInput)),
      run: (name, part) => awaited.watch(ctx.run(name, async () => part())),
    };
    try {
      const { maxResultBytes } = callBounds(ctx, tool);
      const work = async () => awaited.orMisuse(implementation(input, parts));
      const { output, truncated } = await makeOutput(tool, work, { ctx, maxResultBytes });
      return { output, attempts: 1, ...(calls.span ?? begun), truncated };
    } catch (error) {
      // F13: a cancellation among them.
      if (error instanceof TerminalError) throw error;
      if (!(error instanceof ToolError)) logUnexpected(ctx, error);
      throw new TerminalError(cleanMessage(error), { errorCode: TOOL_FAILED });
    } finally {
      await calls.cancelTimedOut();
    }
  });
}
