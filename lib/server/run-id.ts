import { createHmac, timingSafeEqual } from "node:crypto";

/** 128 bits of a signature cannot be guessed. */
const MAC_BYTES = 16;

/**
 * Ids of runs that only the subject can use to whom they were given, with nothing stored: an invocation's id and a signature
 * over it and the subject. Whoever has the secret can check them, so any number of servers may, also after a restart; with
 * another secret, they are nobody's. An id says which invocation it is, and does not say whose.
 */
export class RunIds {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The id under which a subject knows a run. */
  give(subject: string, invocationId: string): string {
    return `${invocationId}.${this.#sign("run", subject, invocationId).toString("base64url")}`;
  }

  /** The invocation behind an id; undefined where it is not this subject's. */
  read(subject: string, id: string): string | undefined {
    const [, invocationId = "", mac = ""] = /^(inv_\w{1,64})\.([\w-]+)$/.exec(id) ?? [];
    const given = Buffer.from(mac, "base64url");
    const expected = this.#sign("run", subject, invocationId);
    return given.length === expected.length && timingSafeEqual(given, expected) ? invocationId : undefined;
  }

  /** A subject's idempotency key as Restate gets it, so that nobody meets another one's run by its key. */
  keyOf(subject: string, idempotencyKey: string): string {
    return this.#sign("key", subject, idempotencyKey).toString("base64url");
  }

  /** JSON keeps the parts apart, whatever is in them. */
  #sign(...parts: string[]): Buffer {
    return createHmac("sha256", this.#secret).update(JSON.stringify(parts)).digest().subarray(0, MAC_BYTES);
  }
}
