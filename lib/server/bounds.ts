/** What the routes let a subject do, and all of them together. Each is of one server: several allow several times as much. */
export interface Bounds {
  /** A request's body. Default 1.5 MiB: the longest message that an agent takes, with its attachments, and room for options. */
  bodyBytes: number;
  /** Runs that a subject may begin within a minute, messages in conversations and copies of these included. Default 30. */
  runsPerMinute: number;
  /** Requests of a subject within a minute. Default 600. */
  requestsPerMinute: number;
  /** Streams, and requests that wait, of a subject at a time. Default 10. */
  streamsPerSubject: number;
  /** The same of all subjects. Default 1000. */
  streams: number;
  /** How long a stream lasts at most, in seconds: then it ends, and whoever reads opens it again from there. Default 3600. */
  streamSeconds: number;
  /** Events of one run that are kept for those who read it, in bytes. Default 1 MiB; who is further behind reads from Restate. */
  keptBytes: number;
}

export const DEFAULT_BOUNDS: Bounds = {
  bodyBytes: 1_572_864,
  runsPerMinute: 30,
  requestsPerMinute: 600,
  streamsPerSubject: 10,
  streams: 1000,
  streamSeconds: 3600,
  keptBytes: 1_048_576,
};

/** Counts what is open, by subject. */
export class Places {
  readonly #bounds: Pick<Bounds, "streams" | "streamsPerSubject">;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(bounds: Pick<Bounds, "streams" | "streamsPerSubject">) {
    this.#bounds = bounds;
  }

  /** @returns what gives the place back, at most once; undefined where none is free. */
  take(subject: string): (() => void) | undefined {
    const own = this.#taken.get(subject) ?? 0;
    if (own >= this.#bounds.streamsPerSubject || this.#all >= this.#bounds.streams) return undefined;
    this.#add(subject, 1);
    let given = false;
    return () => {
      if (!given) this.#add(subject, -1);
      given = true;
    };
  }

  #add(subject: string, change: 1 | -1): void {
    this.#all += change;
    const own = (this.#taken.get(subject) ?? 0) + change;
    if (own === 0) this.#taken.delete(subject);
    else this.#taken.set(subject, own);
  }
}
