import type { HooksProvider } from "@restatedev/restate-sdk/lambda";

/** What the names of the headers begin with that calls carry inside a run: `call-bounds.ts`, `call-origin.ts`. */
const INNER_HEADER = "x-fanout-";

/**
 * A hook for every handler that can be called through the ingress: a caller may send any header, and one of these would
 * go into every call of the run, and into the log. They are dropped before anything reads them.
 */
export const ignoreInnerHeaders: HooksProvider = ({ request }) => {
  // The SDK keeps them in a map of its own, and hands that map to the handler and to the log.
  const headers = request.headers as Map<string, string>;
  for (const name of headers.keys()) if (name.toLowerCase().startsWith(INNER_HEADER)) headers.delete(name);
  return {};
};
