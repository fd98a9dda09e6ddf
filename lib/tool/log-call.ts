import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { jsonBytes } from "./json.ts";
import type { ToolResult } from "./perform.ts";

/** Logs how a call ended, in the attempt that ends it: one that suspends or is tried again does not get here. */
export async function logCall(
  { console }: Pick<Context, "console">,
  work: () => Promise<ToolResult>,
): Promise<ToolResult> {
  const event = "call ended";
  try {
    const result = await work();
    const { output, attempts, durationMs, truncated, usage } = result;
    const resultBytes = jsonBytes(output);
    console.info({ event, status: "ok", attempts, durationMs, truncated, resultBytes, ...usage });
    return result;
  } catch (error) {
    if (error instanceof TerminalError) {
      const status = error instanceof CancelledError ? "cancelled" : "failed";
      const { attempts = 0, durationMs = 0 } = error.metadata ?? {};
      console.info({ event, status, attempts: Number(attempts), durationMs: Number(durationMs) });
    }
    throw error;
  }
}
