import type { Request } from "@restatedev/restate-sdk/lambda";

/**
 * A call's headers: what it is part of. Log lines repeat them, so that one filter finds everything that a run caused.
 * Handlers that can be called from outside drop what they get of them (`inner-headers.ts`).
 */
const CALL_ORIGIN = {
  /** The invocation id of the run that a person began. */
  run: "x-fanout-run-id",
  /** The model's id of the call. */
  call: "x-fanout-call-id",
} as const;

/** A service of somebody's own may hand on what it got from outside. */
const INVOCATION_ID = /^inv_\w{1,64}$/;

type Invocation = Pick<Request, "id" | "headers">;

/** What an invocation is part of. One that no run caused is a run of its own; a run is no call. */
export function callOrigin({ id, headers }: Invocation): { run: string; call: string | undefined } {
  const run = headers.get(CALL_ORIGIN.run);
  return run !== undefined && INVOCATION_ID.test(run)
    ? { run, call: headers.get(CALL_ORIGIN.call) }
    : { run: id, call: undefined };
}

/**
 * The headers of a call that an invocation makes.
 * @param call the model's id of the call; undefined: the call that the invocation is itself, of which this one is a part.
 */
export function originHeaders(invocation: Invocation, call?: string): Record<string, string> {
  const origin = callOrigin(invocation);
  const id = call ?? origin.call;
  return { [CALL_ORIGIN.run]: origin.run, ...(id !== undefined && { [CALL_ORIGIN.call]: id }) };
}
