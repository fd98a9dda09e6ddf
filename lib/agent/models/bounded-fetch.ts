import { MAX_NESTING, readText, TooLong, withoutDeepest } from "../../runtime/index.ts";

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
  const isStream = response.ok && STREAMS.test(headers.get("content-type") ?? "");
  const body = isStream ? boundedStream(response.body) : boundedBody(response);
  return new Response(ReadableStream.from(body), { status, statusText, headers });
};

/** As OpenAI and Anthropic write them, and as Bedrock does. */
const STREAMS = /^text\/event-stream|^application\/vnd\.amazon\.eventstream/;
/** Each word of a stream has an event around it, some 200 bytes. What they amount to is bounded where they are put together. */
const MAX_STREAM_BYTES = 50 * MAX_REPLY_BYTES;

async function* boundedStream(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_STREAM_BYTES) throw new TooLong(`more than ${MAX_STREAM_BYTES} bytes`);
    yield chunk;
  }
}

/** Reading it fails where the SDK reads, so that the SDK says what it says of any broken body. */
async function* boundedBody(response: Response): AsyncGenerator<Uint8Array> {
  const text = await readText(response, MAX_REPLY_BYTES);
  yield new TextEncoder().encode(withoutDeepest(text, MAX_BODY_NESTING));
}
