/** The size of a value as JSON, in bytes. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}

/**
 * Cuts a JSON value to about `maxBytes`: text keeps its head, arrays their first items, objects share the space among
 * their fields, small ones first. Each cut leaves a marker that says how much there was.
 * @returns the value itself when it fits.
 */
export function cutToBytes(value: unknown, maxBytes: number): { value: unknown; truncated: boolean } {
  return jsonBytes(value) <= maxBytes
    ? { value, truncated: false }
    : { value: cut(value, maxBytes), truncated: true };
}

function cut(value: unknown, maxBytes: number): unknown {
  if (jsonBytes(value) <= maxBytes) return value;
  if (typeof value === "string") return cutText(value, maxBytes);
  if (Array.isArray(value)) return cutArray(value, maxBytes);
  return cutObject(value as Record<string, unknown>, maxBytes);
}

/** Room for a marker such as `[cut: the first 1234 of 56789 characters]`, in bytes. */
const MARKER_BYTES = 60;

/** Bytes written as text: their head is of no use to anybody. */
const BASE64 = /^(data:[\w/+.-]+;base64,)?[A-Za-z0-9+/_-]{200,}={0,2}$/;

function cutText(text: string, maxBytes: number): string {
  if (BASE64.test(text)) return `[cut: ${text.length} characters of base64]`;
  const bytes = Buffer.from(text);
  let kept = Math.max(0, maxBytes - MARKER_BYTES);
  // Escaping makes JSON longer than the text, so the head shrinks until it fits.
  let head = "";
  do {
    head = bytes.subarray(0, kept).toString().replace(/�$/, "");
    kept = Math.floor(kept * 0.8);
  } while (kept > 0 && jsonBytes(head) > maxBytes - MARKER_BYTES);
  return `${head} [cut: the first ${head.length} of ${text.length} characters]`;
}

function cutArray(items: unknown[], maxBytes: number): unknown[] {
  const kept: unknown[] = [];
  let room = maxBytes - MARKER_BYTES;
  for (const item of items) {
    const bytes = jsonBytes(item) + 1;
    if (bytes > room) break;
    kept.push(item);
    room -= bytes;
  }
  // One item larger than all the room is still worth its head.
  if (kept.length === 0 && room > 2 * MARKER_BYTES) kept.push(cut(items[0], room));
  return [...kept, `[cut: the first ${kept.length} of ${items.length} items]`];
}

function cutObject(object: Record<string, unknown>, maxBytes: number): Record<string, unknown> {
  const smallestFirst = Object.entries(object)
    .map(([key, field]) => ({ key, field, bytes: jsonBytes(field) }))
    .sort((a, b) => a.bytes - b.bytes);
  const cutFields = new Map<string, unknown>();
  let room = maxBytes - MARKER_BYTES;
  for (const [index, { key, field, bytes }] of smallestFirst.entries()) {
    const share = Math.floor(room / (smallestFirst.length - index)) - jsonBytes(key) - 2;
    if (share < MARKER_BYTES && bytes > share) break;
    const value = cut(field, share);
    cutFields.set(key, value);
    room -= jsonBytes(key) + jsonBytes(value) + 2;
  }
  const kept = Object.fromEntries(
    Object.keys(object).flatMap((key) => (cutFields.has(key) ? [[key, cutFields.get(key)]] : [])),
  );
  const missing = Object.keys(object).length - cutFields.size;
  return missing === 0 ? kept : { ...kept, "[cut]": `${missing} of ${Object.keys(object).length} fields` };
}
