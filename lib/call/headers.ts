import type { HooksProvider } from "@restatedev/restate-sdk/lambda";

/** What the names of all of them begin with. */
const PREFIX = "x-fanout-";

/** The headers that a call carries inside a run. */
export const HEADERS = {
  /** The invocation id of the run that a person began. */
  run: `${PREFIX}run-id`,
  /** The model's id of the call. */
  call: `${PREFIX}call-id`,
  /** Bytes that the result may take. */
  maxResultBytes: `${PREFIX}max-result-bytes`,
  /** How long the caller waits, in ms. */
  timeoutMs: `${PREFIX}timeout-ms`,
  /** When nobody waits any longer, ms since the epoch: an attempt that begins later does nothing. */
  giveUpAt: `${PREFIX}give-up-at`,
} as const;

/**
 * A hook for every handler that can be called through the ingress: a caller may send any header, and one of these would
 * go into every call of the run, and into the log. They are dropped before anything reads them.
 */
export const ignoreInnerHeaders: HooksProvider = ({ request }) => {
  // The SDK keeps them in a map of its own, and hands that map to the handler and to the log.
  const headers = request.headers as Map<string, string>;
  for (const name of headers.keys()) if (name.toLowerCase().startsWith(PREFIX)) headers.delete(name);
  return {};
};
