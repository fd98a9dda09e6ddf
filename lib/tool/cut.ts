import { fieldsOf, JsonMeasure, jsonBytes } from "../runtime/index.ts";

/** How deep arrays and objects may stand inside each other: more than anybody reads, and far from where a stack overflows. */
const MAX_DEPTH = 100;

/** Room for a marker such as `[cut: the first 1234 of 56789 characters]`, in bytes. */
const MARKER_BYTES = 60;

/** A part of a result, and the bytes that it takes. */
interface Part {
  value: unknown;
  bytes: number;
}

/**
 * F9: cuts a JSON value to about `maxBytes`: text keeps its head, arrays their first items, objects share the space among
 * their fields, small ones first. What is nested deeper than 100 is cut too. Each cut leaves a marker that says how much
 * there was. The time it takes grows with the value's size, not with its shape.
 * @returns the value itself when it fits.
 * @throws NotJson naming the field that is no JSON.
 */
export function cutToBytes(value: unknown, maxBytes: number): { value: unknown; truncated: boolean } {
  const part = new Cutter().cut(value, maxBytes, 0);
  return { value: part.value, truncated: part.value !== value };
}

class Cutter {
  readonly #measure = new JsonMeasure();

  /** @param outer how many arrays and objects this part stands in. */
  cut(value: unknown, maxBytes: number, outer: number): Part {
    const { bytes, depth } = this.#measure.extentOf(value);
    if (bytes <= maxBytes && outer + depth <= MAX_DEPTH) return { value, bytes };
    if (typeof value === "string") return text(cutText(value, maxBytes));
    if (depth === 0) return { value, bytes };
    if (outer === MAX_DEPTH) return text(`[cut: nested deeper than ${MAX_DEPTH}]`);
    return Array.isArray(value)
      ? this.#cutArray(value, maxBytes, outer + 1)
      : this.#cutObject(value as Record<string, unknown>, maxBytes, outer + 1);
  }

  #cutArray(items: unknown[], maxBytes: number, outer: number): Part {
    const kept: unknown[] = [];
    let room = maxBytes - MARKER_BYTES;
    for (const item of items) {
      const part = this.#whole(item, room - 1, outer);
      if (!part) break;
      kept.push(part.value);
      room -= part.bytes + 1;
    }
    // One item larger than all the room is still worth its head.
    if (kept.length === 0 && items.length > 0 && room > 2 * MARKER_BYTES) {
      const part = this.cut(items[0], room, outer);
      kept.push(part.value);
      room -= part.bytes;
    }
    const isAll = kept.length === items.length;
    const value = isAll ? kept : [...kept, `[cut: the first ${kept.length} of ${items.length} items]`];
    return { value, bytes: maxBytes - room };
  }

  #cutObject(object: Record<string, unknown>, maxBytes: number, outer: number): Part {
    const fields = fieldsOf(object).map((key) => ({ key, ...this.#measure.extentOf(object[key]) }));
    const kept = new Map<string, unknown>();
    let room = maxBytes - MARKER_BYTES;
    for (const { key } of fields.toSorted((a, b) => a.bytes - b.bytes)) {
      const keyBytes = jsonBytes(key) + 2;
      const share = Math.floor(room / (fields.length - kept.size)) - keyBytes;
      // A share without room for a marker cuts nothing: the smallest fields stay whole, as many as there is room for.
      const part =
        share < MARKER_BYTES
          ? this.#whole(object[key], room - keyBytes, outer)
          : this.cut(object[key], share, outer);
      if (!part) break;
      kept.set(key, part.value);
      room -= keyBytes + part.bytes;
    }
    const inOrder = fields.filter(({ key }) => kept.has(key)).map(({ key }) => [key, kept.get(key)]);
    const missing = fields.length - kept.size;
    const marker = missing === 0 ? [] : [["[cut]", `${missing} of ${fields.length} fields`]];
    return { value: Object.fromEntries([...inOrder, ...marker]), bytes: maxBytes - room };
  }

  /** A part that fits, cut in its depth at most; else undefined. */
  #whole(value: unknown, maxBytes: number, outer: number): Part | undefined {
    if (this.#measure.extentOf(value).bytes > maxBytes) return undefined;
    const part = this.cut(value, maxBytes, outer);
    return part.bytes <= maxBytes ? part : undefined;
  }
}

const text = (value: string): Part => ({ value, bytes: jsonBytes(value) });

function cutText(text: string, maxBytes: number): string {
  if (isBase64(text)) return `[cut: ${text.length} characters of base64]`;
  const head = headWithin(text, maxBytes - MARKER_BYTES);
  return `${head} [cut: the first ${head.length} of ${text.length} characters]`;
}

/** The longest head of a text that takes so many bytes in JSON, where some characters are escaped. */
function headWithin(text: string, maxBytes: number): string {
  let end = 0;
  let bytes = 0;
  // By whole characters: half of a surrogate pair is none.
  for (const character of text) {
    bytes += jsonBytes(character) - 2;
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

const DATA_URL = /^data:[\w/+.-]{1,100};base64,/;
/** The shortest text that is taken for base64, and the part of it that is looked at, in characters. */
const BASE64_SAMPLE = 200;
/** How many different characters such a sample of bytes has at least; a repeated pattern has few. */
const BASE64_VARIETY = 16;

/** Whether a text is bytes in base64, whose head is of no use to anybody. */
function isBase64(text: string): boolean {
  const [prefix = ""] = DATA_URL.exec(text) ?? [];
  const body = text.slice(prefix.length).replace(/={1,2}$/, "");
  // A search for one character: a pattern for the whole text would need a stack as long as the text.
  if (/[^A-Za-z0-9+/_-]/.test(body)) return false;
  const sample = body.slice(0, BASE64_SAMPLE);
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/];
  return (
    prefix !== "" ||
    (sample.length === BASE64_SAMPLE &&
      new Set(sample).size >= BASE64_VARIETY &&
      kinds.every((kind) => kind.test(sample)))
  );
}
