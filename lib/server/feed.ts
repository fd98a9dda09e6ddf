import type { PositionedEvent } from "../client/index.ts";

/** An event as it is sent, made once for all who read it. */
export interface Told {
  position: number;
  type: string;
  json: string;
}

/** Reads a run's events from a position on. */
export type Read = (
  run: string,
  options: { after: number; signal: AbortSignal },
) => AsyncIterable<PositionedEvent>;

/** A reader is further behind than what is kept. */
export class Behind extends Error {
  override readonly name = "Behind";
}

/**
 * One run's events, read once for all who watch it, as long as anybody does. What was read last is kept; who comes late is
 * served from there.
 */
export class Feed {
  readonly #stop = new AbortController();
  readonly #keptBytes: number;
  /** The position of the next event that is read. */
  #next: number;
  #kept: Told[] = [];
  #bytes = 0;
  #news = Promise.withResolvers<void>();
  #over = false;
  #failure: unknown;
  #readers = 0;

  constructor(read: Read, run: string, { after, keptBytes }: { after: number; keptBytes: number }) {
    this.#keptBytes = keptBytes;
    this.#next = after;
    void this.#run(read(run, { after, signal: this.#stop.signal }));
  }

  /** The first position that is kept. */
  get start(): number {
    return this.#next - this.#kept.length;
  }

  /**
   * What comes from a position on, until the run is over.
   * @throws Behind, or why nothing can be read any more.
   */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<Told, void, undefined> {
    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    for (let next = from; !signal.aborted; ) {
      if (next < this.start) throw new Behind();
      const told = this.#kept[next - this.start];
      if (told) {
        next++;
        yield told;
      } else if (this.#over) {
        if (this.#failure) throw this.#failure;
        return;
      } else await Promise.race([this.#news.promise, ended]);
    }
  }

  join(): void {
    this.#readers++;
  }

  /** @returns whether nobody reads any more: then it has ended. */
  leave(): boolean {
    if (--this.#readers > 0) return false;
    this.#stop.abort();
    return true;
  }

  async #run(events: AsyncIterable<PositionedEvent>): Promise<void> {
    try {
      for await (const { position, event } of events) {
        this.#keep({ position, type: event.type, json: JSON.stringify(event) });
        this.#tell();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#over = true;
    this.#tell();
  }

  #keep(told: Told): void {
    this.#kept.push(told);
    this.#next = told.position + 1;
    this.#bytes += told.json.length;
    while (this.#bytes > this.#keptBytes && this.#kept.length > 1)
      this.#bytes -= this.#kept.shift()?.json.length ?? 0;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
