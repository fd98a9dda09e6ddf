import type { Request } from "@restatedev/restate-sdk/lambda";
import { callField, callHeader, invocationField } from "./call-header.ts";
import { beganAs, outerTrace } from "./trace.ts";

type Invocation = Pick<Request, "id" | "headers">;

/**
 * What an invocation is part of. Log lines repeat it, so that one filter finds everything that a run caused. An invocation
 * that no run caused is a run of its own; a run is no call.
 */
export function callOrigin({ id, headers }: Invocation): { run: string; call: string | undefined } {
  const run = invocationField(headers, "run");
  return run === undefined ? { run: id, call: undefined } : { run, call: callField(headers, "call") };
}

/**
 * What a call that an invocation makes carries of its origin.
 * @param call the model's id of the call; undefined: the call that the invocation is itself, of which this one is a part.
 */
export function originOf(
  invocation: Invocation,
  call?: string,
): { run: string; call?: string; trace?: string } {
  const origin = callOrigin(invocation);
  const id = call ?? origin.call;
  const trace = outerTrace(invocation);
  return { run: origin.run, ...(id !== undefined && { call: id }), ...(trace !== undefined && { trace }) };
}

/** The header of a call in which the invocation's own work goes on, and nothing else. */
export function continuationHeader(invocation: Invocation): Record<string, string> {
  return callHeader({ ...originOf(invocation), of: beganAs(invocation) });
}
