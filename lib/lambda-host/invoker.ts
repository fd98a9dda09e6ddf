import { setTimeout as sleep } from "node:timers/promises";
import type { Concurrency, ThrottleReason } from "./concurrency.ts";
import { Ending } from "./ending.ts";
import type { Invocation, Outcome } from "./invocation.ts";
import type { StatsCounter } from "./stats.ts";
import type { Version } from "./version.ts";

/** How often, and for how long, an asynchronous invocation that is throttled is tried again. Six hours is AWS's limit. */
const EVENT_RETRY_MS = 50;
const EVENT_MAX_AGE_MS = 6 * 60 * 60 * 1000;

/** Takes an invocation through limits and statistics to an execution environment. */
export class Invoker {
  readonly #concurrency: Concurrency;
  readonly #stats: StatsCounter;
  /** Invocations that still hold a slot: by function those with reserved concurrency, under `undefined` the others. */
  readonly #ending = new Map<string | undefined, Ending>();

  constructor(concurrency: Concurrency, stats: StatsCounter) {
    this.#concurrency = concurrency;
    this.#stats = stats;
  }

  /**
   * Runs the invocation now, or says why it cannot.
   * @param counted false keeps it out of the statistics.
   */
  async invoke(target: Version, invocation: Invocation, counted: boolean): Promise<Outcome | ThrottleReason> {
    const { name, memoryMb } = target.spec;
    const reason = await this.#acquire(name, target.version);
    if (reason) {
      if (counted) this.#stats.throttled(name);
      return reason;
    }
    if (counted) this.#stats.began(name, invocation.payload.length);
    let ended = Promise.resolve();
    try {
      const execution = await target.pool.invoke(invocation);
      ({ ended } = execution);
      const outcome = await execution.outcome;
      if (counted) this.#stats.ended(name, memoryMb, outcome);
      return outcome;
    } finally {
      void ended.then(() => this.#concurrency.release(name, target.version));
      this.#endingOf(name).add(ended);
    }
  }

  /**
   * Takes a slot, or says why there is none. A caller may have its answer before the slot is free again: the next request
   * gets that slot all the same.
   */
  async #acquire(name: string, version: string): Promise<ThrottleReason | undefined> {
    const reason = this.#concurrency.acquire(name, version);
    const ended = reason && this.#endingOf(name).claim();
    if (!ended) return reason;
    await ended;
    return this.#concurrency.acquire(name, version);
  }

  #endingOf(name: string): Ending {
    const key = this.#concurrency.reserved(name) === undefined ? undefined : name;
    const ending = this.#ending.get(key) ?? new Ending();
    this.#ending.set(key, ending);
    return ending;
  }

  /**
   * Runs the invocation as soon as the limits allow, on what `find` returns then, and drops it if that is nothing. A
   * function error is not tried again, as AWS would: it waits minutes between its tries.
   */
  async invokeLater(find: () => Version | undefined, invocation: Invocation): Promise<void> {
    const acceptedAt = performance.now();
    while (performance.now() - acceptedAt < EVENT_MAX_AGE_MS) {
      const target = find();
      if (!target) return;
      const result = await this.invoke(target, invocation, true);
      if (typeof result !== "string") return;
      await sleep(EVENT_RETRY_MS, undefined, { ref: false });
    }
  }
}
