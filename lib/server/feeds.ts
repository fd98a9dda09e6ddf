import { Feed, type Read, type Told } from "./feed.ts";

/** The runs that are watched through this server. */
export class Feeds {
  readonly #open = new Map<string, Feed>();
  readonly #read: Read;
  readonly #keptBytes: number;

  constructor(read: Read, keptBytes: number) {
    this.#read = read;
    this.#keptBytes = keptBytes;
  }

  /**
   * A run's events from a position on, until it is over. Who begins before what is kept reads up to there alone.
   * @throws Behind, where the reader is too slow; or why nothing can be read any more.
   */
  async *events(run: string, after: number, signal: AbortSignal): AsyncGenerator<Told, void, undefined> {
    const feed = this.#join(run);
    const alone = new AbortController();
    try {
      let next = after;
      if (next < feed.start) {
        const own = this.#read(run, { after, signal: AbortSignal.any([signal, alone.signal]) });
        for await (const { position, event } of own) {
          yield { position, type: event.type, json: JSON.stringify(event) };
          next = position + 1;
          if (next >= feed.start) break;
        }
      }
      yield* feed.read(next, signal);
    } finally {
      alone.abort();
      if (feed.leave()) this.#open.delete(run);
    }
  }

  /** It begins with the run's first event, so that all who come find what they have not seen. */
  #join(run: string): Feed {
    const feed = this.#open.get(run) ?? new Feed(this.#read, run, { after: 0, keptBytes: this.#keptBytes });
    this.#open.set(run, feed);
    feed.join();
    return feed;
  }
}
