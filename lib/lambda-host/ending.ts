import { setTimeout as sleep } from "node:timers/promises";

/** A runtime polls 1–2 ms after its answer, on a busy machine later. One that takes longer than this is at something else. */
const SOON_MS = 1_000;

/** Invocations that have been answered, and whose environments are free in a moment: a runtime answers, then it polls. */
export class Ending {
  readonly #ended = new Set<Promise<void>>();

  /** @param ended is fulfilled when the environment is free or gone. */
  add(ended: Promise<void>): void {
    this.#ended.add(ended);
    void ended.then(() => this.#ended.delete(ended));
  }

  /** Waits for one of them, for which nobody else waits, but no longer than it is worth; undefined if there is none. */
  claim(): Promise<void> | undefined {
    const [ended] = this.#ended;
    if (!ended) return undefined;
    this.#ended.delete(ended);
    return Promise.race([ended, sleep(SOON_MS, undefined, { ref: false })]);
  }
}
