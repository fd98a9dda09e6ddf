import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { jsonBytes } from "../runtime/index.ts";
import { type CallReport, type CallStatus, courseOf } from "./report.ts";

type Status = Extract<CallStatus, "ok" | "error"> | "cancelled";

/** Logs how a call ended, in the attempt that ends it: one that suspends or is tried again does not get here. */
export async function logCall(
  { console }: Pick<Context, "console">,
  work: () => Promise<CallReport>,
): Promise<CallReport> {
  const log = (status: Status, fields: object) => console.info({ event: "call ended", status, ...fields });
  try {
    const report = await work();
    const { output, attempts, durationMs, truncated, usage } = report;
    log("ok", { attempts, durationMs, truncated, resultBytes: jsonBytes(output), ...usage });
    return report;
  } catch (error) {
    if (error instanceof TerminalError) {
      const { attempts, durationMs } = courseOf(error);
      log(error instanceof CancelledError ? "cancelled" : "error", { attempts, durationMs });
    }
    throw error;
  }
}
