import type { HooksProvider, Request } from "@restatedev/restate-sdk/lambda";
import type { Trace } from "./ids.ts";
import { openTelemetry } from "./tracing.ts";

/**
 * A hook that gives every attempt of an invocation a span, and every durable step that it executes.
 * @param parentOf the span that an attempt belongs to.
 */
export function traceAttempts(parentOf: (request: Request) => Trace & { spanId: string }): HooksProvider {
  return (ctx) => openTelemetry()?.attemptHooks(ctx, () => parentOf(ctx.request)) ?? {};
}
