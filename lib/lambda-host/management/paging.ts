import * as z from "zod";
import { LambdaError } from "../lambda-error.ts";

/** How many entries AWS puts on a page at most, whatever the request asks for. */
const MAX_PAGE = 50;

/** The query parameters of a list. */
export const Paging = z.object({
  Marker: z.string().optional(),
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(MAX_PAGE),
});

/**
 * A page of a list that is sorted by `key`, and the marker of the next one if there is one. What is added or removed
 * between two pages moves no other entry.
 * @throws LambdaError for a marker that no page has given.
 */
export function page<T>(
  items: readonly T[],
  key: (item: T) => string,
  { Marker, MaxItems }: z.output<typeof Paging>,
): { entries: T[]; NextMarker?: string } {
  const after = Marker === undefined ? "" : readMarker(Marker);
  const rest = items.filter((item) => key(item) > after);
  const entries = rest.slice(0, Math.min(MaxItems, MAX_PAGE));
  const last = entries.at(-1);
  const isLast = entries.length === rest.length || last === undefined;
  return isLast ? { entries } : { entries, NextMarker: writeMarker(key(last)) };
}

const PREFIX = "after:";

function writeMarker(key: string): string {
  return Buffer.from(PREFIX + key).toString("base64url");
}

function readMarker(marker: string): string {
  const text = Buffer.from(marker, "base64url").toString();
  if (text.startsWith(PREFIX)) return text.slice(PREFIX.length);
  throw new LambdaError(
    "InvalidParameterValueException",
    `Marker should be a NextMarker of this list; got ${marker}.`,
  );
}
