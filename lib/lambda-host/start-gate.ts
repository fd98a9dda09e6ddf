import { availableParallelism } from "node:os";

/** How long a start keeps its place: Lambda's init phase. One that takes longer waits for something, and needs no core. */
const MOST_MS = 10_000;

/** A start that waits for its turn. */
interface Turn {
  /** @returns a promise of the end of the init phase, which never rejects; undefined if nothing has to start any more. */
  start(): Promise<unknown> | undefined;
  /** The host stops: the turn never comes. */
  callOff(): void;
}

/** Lets as many environments start at the same time as there are cores: more would only slow each other down. */
export class StartGate {
  readonly #places: number;
  readonly #queue: Turn[] = [];
  #starting = 0;
  #closed = false;

  constructor(places = availableParallelism()) {
    this.#places = places;
  }

  /** Starts when there is a place, in the order of the calls. */
  enter(turn: Turn): void {
    this.#queue.push(turn);
    if (this.#closed) this.close();
    else this.#admit();
  }

  /** Nothing starts any more. */
  close(): void {
    this.#closed = true;
    for (const turn of this.#queue.splice(0)) turn.callOff();
  }

  #admit(): void {
    while (this.#starting < this.#places) {
      const turn = this.#queue.shift();
      if (!turn) return;
      const started = turn.start();
      if (started) void this.#keepPlace(started);
    }
  }

  async #keepPlace(started: Promise<unknown>): Promise<void> {
    this.#starting += 1;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, MOST_MS).unref();
    void started.then(() => resolve());
    await over;
    clearTimeout(timer);
    this.#starting -= 1;
    this.#admit();
  }
}
