import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { jsonBytes } from "../runtime/index.ts";
import { type CallReport, type CallStatus, courseOf } from "./report.ts";
import { tellOwnCall } from "./telemetry.ts";

type Course = Pick<CallReport, "attempts" | "startedAt" | "durationMs">;
type Status = Extract<CallStatus, "ok" | "error"> | "cancelled";

/**
 * Logs how a call ended, in the attempt that ends it: one that suspends or is tried again does not get here. Traces and
 * metrics are told too, if the caller does not tell them.
 */
export async function logCall(
  ctx: Pick<Context, "console" | "request">,
  work: () => Promise<CallReport>,
): Promise<CallReport> {
  const log = (status: Status, course: Course, fields: object) => {
    const { attempts, durationMs } = course;
    ctx.console.info({ event: "call ended", status, attempts, durationMs, ...fields });
    tellOwnCall(ctx, status, course);
  };
  try {
    const report = await work();
    const { output, truncated, usage } = report;
    log("ok", report, { truncated, resultBytes: jsonBytes(output), ...usage });
    return report;
  } catch (error) {
    if (error instanceof TerminalError) {
      log(error instanceof CancelledError ? "cancelled" : "error", courseOf(error), {});
    }
    throw error;
  }
}
