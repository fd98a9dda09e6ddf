import type { Context } from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import type { Callee } from "./callee.ts";
import { isCancelled, orCancelled } from "./cancellation.ts";
import { DurableCall } from "./durable-call.ts";
import type { CallReport } from "./report.ts";

/**
 * Calls one tool on its own function, durably, within its timeout; when that passes, the call is cancelled.
 * @param id the model's id of the call, if a model asked for it; the log has it.
 * @throws TerminalError with what a person may read when the tool fails.
 */
export async function callTool<In extends z.ZodObject, Out extends z.ZodType>(
  ctx: Context,
  tool: Callee & { input: In; output: Out },
  input: z.input<In>,
  id?: string,
): Promise<z.output<Out>> {
  const read = ({ output }: CallReport) => output as z.output<Out>;
  const call = new DurableCall(ctx, tool, { input, id, toldByCallee: true, read });
  try {
    return await orCancelled(ctx, call.withinTimeout());
  } finally {
    await (isCancelled(ctx) ? call.cancel() : call.cancelIfTimedOut());
  }
}
