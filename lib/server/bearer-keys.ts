import { createHash, timingSafeEqual } from "node:crypto";
import type { Authorize } from "./authorize.ts";

/** A shorter key could be guessed. */
const MIN_KEY_LENGTH = 16;

/**
 * Knows subjects by keys of theirs, sent as `Authorization: Bearer <key>`, as clients of OpenAI's API send theirs. How long it takes says
 * nothing of the keys.
 * @param keys the subject of each key, such as `{ "a-long-random-key": "ann" }`.
 * @throws TypeError for a key of less than 16 characters, and for a subject without a name.
 */
export function bearerKeys(keys: Readonly<Record<string, string>>): Authorize {
  const known = Object.entries(keys).map(([key, subject]) => {
    if (key.length < MIN_KEY_LENGTH || !subject)
      throw new TypeError(
        `bearerKeys: expected keys of at least ${MIN_KEY_LENGTH} characters and a subject for each, got a key of ${key.length} for ${JSON.stringify(subject)}`,
      );
    return { digest: digestOf(key), subject };
  });
  return (request) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    const digest = digestOf(key);
    // All of them are compared, whichever it is.
    return known.filter((one) => timingSafeEqual(one.digest, digest))[0]?.subject;
  };
}

const digestOf = (key: string) => createHash("sha256").update(key).digest();
