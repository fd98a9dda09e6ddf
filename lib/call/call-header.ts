import type { HooksProvider, Request } from "@restatedev/restate-sdk/lambda";

/**
 * The header that every call inside a run carries: fields as in a query string, such as `run=inv_1&call=c1&until=1700000000000`.
 * One with short names, because the calls of a run travel with its journal.
 */
const HEADER = "x-fanout";

/** What a call carries beside its input. Every field may be absent. */
export type CallField =
  /** The invocation id of the run that a person began. */
  | "run"
  /** The model's id of the call. */
  | "call"
  /** Bytes that the result may take. */
  | "bytes"
  /** How long the caller waits, in ms. */
  | "ms"
  /** Who watches the run is told at once how the call ends; the ids of the calls above its agent, each after a `/`. */
  | "tell"
  /** When nobody waits any longer, ms since the epoch: an attempt that begins later does nothing. */
  | "until"
  /** The invocation that made the call, for one whose service tells of it in traces and metrics: its caller has no way to. */
  | "by"
  /** The invocation with which the run or call began that goes on here. */
  | "of"
  /** The trace that a person's own program began: its id, `-`, and `01` if it is recorded, else `00`. */
  | "trace";

export function callHeader(fields: Partial<Record<CallField, string>>): Record<string, string> {
  return { [HEADER]: new URLSearchParams(fields).toString() };
}

/** Reads one field of an invocation's header; undefined where it is absent. */
export function callField(headers: Request["headers"], field: CallField): string | undefined {
  return new URLSearchParams(headers.get(HEADER) ?? "").get(field) ?? undefined;
}

/** A service of somebody's own may hand on what it got from outside. */
const INVOCATION_ID = /^inv_\w{1,64}$/;

/** Reads a field that names an invocation; undefined where it is absent or names none. */
export function invocationField(headers: Request["headers"], field: "run" | "by" | "of"): string | undefined {
  const id = callField(headers, field);
  return id !== undefined && INVOCATION_ID.test(id) ? id : undefined;
}

/**
 * A hook for every handler that can be called through the ingress: a caller may send any header, and this one would go into
 * every call of the run, and into the log. It is dropped before anything reads it.
 */
export const ignoreCallHeader: HooksProvider = ({ request }) => {
  // The SDK keeps them in a map of its own, and hands that map to the handler and to the log.
  const headers = request.headers as Map<string, string>;
  for (const name of headers.keys()) if (name.toLowerCase() === HEADER) headers.delete(name);
  return {};
};
