import { type HooksProvider, internal, type Request } from "@restatedev/restate-sdk/lambda";
import type { Place } from "./ids.ts";
import { openTelemetry } from "./tracing.ts";

/**
 * A hook that gives every attempt of an invocation a span, and every durable step that it executes.
 * @param parentOf the span that an attempt belongs to; undefined for one that gets none.
 */
export function traceAttempts(parentOf: (request: Request) => Place | undefined): HooksProvider {
  const isWaiting = internal.isSuspendedError;
  return ({ request }) => openTelemetry()?.attemptHooks(request, () => parentOf(request), isWaiting) ?? {};
}
