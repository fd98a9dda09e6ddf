import type { Request } from "@restatedev/restate-sdk/lambda";
import { callField, callHeader } from "./call-header.ts";

/** A service of somebody's own may hand on what it got from outside. */
const INVOCATION_ID = /^inv_\w{1,64}$/;

type Invocation = Pick<Request, "id" | "headers">;

/**
 * What an invocation is part of. Log lines repeat it, so that one filter finds everything that a run caused. An invocation
 * that no run caused is a run of its own; a run is no call.
 */
export function callOrigin({ id, headers }: Invocation): { run: string; call: string | undefined } {
  const run = callField(headers, "run");
  return run !== undefined && INVOCATION_ID.test(run)
    ? { run, call: callField(headers, "call") }
    : { run: id, call: undefined };
}

/**
 * What a call that an invocation makes carries of its origin.
 * @param call the model's id of the call; undefined: the call that the invocation is itself, of which this one is a part.
 */
export function originOf(invocation: Invocation, call?: string): { run: string; call?: string } {
  const origin = callOrigin(invocation);
  const id = call ?? origin.call;
  return { run: origin.run, ...(id !== undefined && { call: id }) };
}

/** The header of a call that is a part of what the invocation is part of, and nothing else. */
export function originHeader(invocation: Invocation): Record<string, string> {
  return callHeader(originOf(invocation));
}
