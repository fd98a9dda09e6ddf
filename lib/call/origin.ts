import type { Request } from "@restatedev/restate-sdk/lambda";
import { HEADERS } from "./headers.ts";

/** A service of somebody's own may hand on what it got from outside. */
const INVOCATION_ID = /^inv_\w{1,64}$/;

type Invocation = Pick<Request, "id" | "headers">;

/**
 * What an invocation is part of. Log lines repeat it, so that one filter finds everything that a run caused. An invocation
 * that no run caused is a run of its own; a run is no call.
 */
export function callOrigin({ id, headers }: Invocation): { run: string; call: string | undefined } {
  const run = headers.get(HEADERS.run);
  return run !== undefined && INVOCATION_ID.test(run)
    ? { run, call: headers.get(HEADERS.call) }
    : { run: id, call: undefined };
}

/**
 * The headers of a call that an invocation makes.
 * @param call the model's id of the call; undefined: the call that the invocation is itself, of which this one is a part.
 */
export function originHeaders(invocation: Invocation, call?: string): Record<string, string> {
  const origin = callOrigin(invocation);
  const id = call ?? origin.call;
  return { [HEADERS.run]: origin.run, ...(id !== undefined && { [HEADERS.call]: id }) };
}
