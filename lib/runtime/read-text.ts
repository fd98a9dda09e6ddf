/** A body that is longer than its reader takes. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/**
 * Reads the body of an HTTP response, and no further than its bound: what comes after that is never received.
 * @param maxBytes after decompression.
 * @throws TooLong
 */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLong(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
