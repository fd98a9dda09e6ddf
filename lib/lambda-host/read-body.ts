import type { IncomingMessage } from "node:http";

/**
 * Reads a request's body. One that is longer than `maxBytes` is read to its end without being kept, so that the client
 * gets an answer instead of a broken connection.
 * @returns undefined for a body that is too long.
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
