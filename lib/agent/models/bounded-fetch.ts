import { MAX_NESTING, readText, withoutDeepest } from "../../runtime/index.ts";

/**
 * F9: the longest body of a model's reply that is read, in bytes: more than a model writes at once (128,000 tokens are
 * about 500 kB), and small enough that the reply fits into the run's journal.
 */
export const MAX_REPLY_BYTES = 1_000_000;

/**
 * How deep a body may nest: around a call's arguments no protocol has more than these levels of its own, so what is cut
 * here is deeper in the arguments than `MAX_NESTING`, and they are still seen to be too deep.
 */
const MAX_BODY_NESTING = MAX_NESTING + 20;

/**
 * `fetch` for the providers of the AI SDK, which read a body to its end and walk it recursively. Reading one that is too
 * long fails with `TooLong`, whatever the status.
 */
export const boundedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.body === null) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  // It may be a lie, or that of the compressed body.
  headers.delete("content-length");
  return new Response(ReadableStream.from(boundedBody(response)), { status, statusText, headers });
};

/** Reading it fails where the SDK reads, so that the SDK says what it says of any broken body. */
async function* boundedBody(response: Response): AsyncGenerator<Uint8Array> {
  const text = await readText(response, MAX_REPLY_BYTES);
  yield new TextEncoder().encode(withoutDeepest(text, MAX_BODY_NESTING));
}
