import type { IncomingMessage } from "node:http";

/**
 * Reads a request's body, up to `maxBytes`. A longer one is read to its end without being kept, so that the client
 * gets the answer instead of a broken connection; the result then is undefined.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks = [];
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : undefined;
}
