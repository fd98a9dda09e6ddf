import type { RunIds } from "../server/index.ts";

/** What the id of an event says: which call its stream waits for, and for which request. */
export interface Resumable {
  invocation: string;
  request: string | number;
  /** The name of what is called. */
  name: string;
}

/** Ids of events that say themselves how to go on, so that any server can, with nothing stored. */
export class EventIds {
  readonly #ids: RunIds;

  constructor(ids: RunIds) {
    this.#ids = ids;
  }

  give(subject: string, { invocation, request, name }: Resumable): string {
    const named = Buffer.from(JSON.stringify([request, name])).toString("base64url");
    return `${this.#ids.give(subject, invocation)}~${named}`;
  }

  /** @returns undefined for an id that this subject was not given. */
  read(subject: string, eventId: string): Resumable | undefined {
    const [run = "", named = ""] = eventId.split("~");
    const invocation = this.#ids.read(subject, run);
    if (invocation === undefined) return undefined;
    try {
      const [request, name] = JSON.parse(Buffer.from(named, "base64url").toString()) as [string, string];
      return { invocation, request, name };
    } catch {
      return undefined;
    }
  }
}
