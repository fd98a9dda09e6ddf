import { createHmac, timingSafeEqual } from "node:crypto";

/** 128 bits of a signature cannot be guessed. */
const MAC_BYTES = 16;

/** A question of a run, and the subject whose run it is. */
export interface AskedOf {
  owner: string;
  run: string;
  approval: string;
}

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
    return this.#matches(mac, "run", subject, invocationId) ? invocationId : undefined;
  }

  /** What somebody else may answer a question by: it names the question and whose it is, which can be read in it, not changed. */
  link({ owner, run, approval }: AskedOf): string {
    const named = Buffer.from(JSON.stringify([owner, run, approval])).toString("base64url");
    return `${named}.${this.#sign("approval", owner, run, approval).toString("base64url")}`;
  }

  /** The question behind a link; undefined where this server has not given it out. */
  readLink(link: string): AskedOf | undefined {
    const [, named, mac = ""] = /^([\w-]{1,2000})\.([\w-]+)$/.exec(link) ?? [];
    if (named === undefined) return undefined;
    const [owner, run, approval] = partsOf(named);
    if (owner === undefined || run === undefined || approval === undefined) return undefined;
    return this.#matches(mac, "approval", owner, run, approval) ? { owner, run, approval } : undefined;
  }

  /** A subject's idempotency key as Restate gets it, so that nobody meets another one's run by its key. */
  keyOf(subject: string, idempotencyKey: string): string {
    return this.#sign("key", subject, idempotencyKey).toString("base64url");
  }

  #matches(mac: string, ...parts: string[]): boolean {
    const given = Buffer.from(mac, "base64url");
    const expected = this.#sign(...parts);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** JSON keeps the parts apart, whatever is in them. */
  #sign(...parts: string[]): Buffer {
    return createHmac("sha256", this.#secret).update(JSON.stringify(parts)).digest().subarray(0, MAC_BYTES);
  }
}

/** Nothing, where it is no list of texts. */
function partsOf(named: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(named, "base64url").toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : [];
  } catch {
    return [];
  }
}
