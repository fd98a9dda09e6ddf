import { Hono } from "hono";
import type { Outcome } from "./invocation.ts";

/** What one function did since the start or the last reset. Restate's discovery requests are not counted. */
interface FunctionStats {
  /** Invocations that reached an execution environment; throttled ones did not. */
  invocations: number;
  coldStarts: number;
  throttles: number;
  /** Invocations that ended with a function error: thrown, timed out, crashed. */
  errors: number;
  /** Bytes of the request payloads. */
  bytesIn: number;
  /** Bytes of the answers. */
  bytesOut: number;
  /**
   * Memory (GiB) × billed seconds, rounded up to a millisecond per invocation. Init time counts, as AWS bills it since
   * August 2025.
   * @see https://aws.amazon.com/lambda/pricing/
   */
  gbSeconds: number;
  /** The most invocations that ran at the same time. */
  maxConcurrent: number;
}

/** By function name; every function of the host is listed, zeros included. */
export interface Stats {
  functions: Record<string, FunctionStats>;
}

const ZERO: FunctionStats = {
  invocations: 0,
  coldStarts: 0,
  throttles: 0,
  errors: 0,
  bytesIn: 0,
  bytesOut: 0,
  gbSeconds: 0,
  maxConcurrent: 0,
};

/** Counts invocations per function at the Invoke API. */
export class StatsCounter {
  readonly #functions = new Map<string, FunctionStats>();
  readonly #running = new Map<string, number>();

  /** @param names the functions that are there already. */
  constructor(names: readonly string[]) {
    for (const name of names) this.add(name);
  }

  /** Lists a function from now on. */
  add(name: string): void {
    if (!this.#functions.has(name)) this.#functions.set(name, { ...ZERO });
  }

  began(name: string, bytesIn: number): void {
    const stats = this.#of(name);
    const running = (this.#running.get(name) ?? 0) + 1;
    this.#running.set(name, running);
    stats.invocations += 1;
    stats.bytesIn += bytesIn;
    stats.maxConcurrent = Math.max(stats.maxConcurrent, running);
  }

  ended(name: string, memoryMb: number, outcome: Outcome): void {
    const stats = this.#of(name);
    this.#running.set(name, (this.#running.get(name) ?? 1) - 1);
    stats.bytesOut += outcome.body.length;
    stats.gbSeconds += (memoryMb / 1024) * (outcome.billedMs / 1000);
    if (outcome.coldStart) stats.coldStarts += 1;
    if (outcome.functionError) stats.errors += 1;
  }

  throttled(name: string): void {
    this.#of(name).throttles += 1;
  }

  /** Back to zero. Invocations that are running now stay uncounted, but not what they still cost. */
  reset(): void {
    for (const [name, stats] of this.#functions)
      Object.assign(stats, ZERO, { maxConcurrent: this.#running.get(name) ?? 0 });
  }

  snapshot(): Stats {
    return { functions: structuredClone(Object.fromEntries(this.#functions)) };
  }

  #of(name: string): FunctionStats {
    this.add(name);
    return this.#functions.get(name) as FunctionStats;
  }
}

/** The counts over HTTP: an addition of this host's, which Lambda does not have. */
export function statsApi(stats: StatsCounter): Hono {
  return new Hono()
    .get("/_stats", (c) => c.json(stats.snapshot()))
    .post("/_stats/reset", (c) => {
      stats.reset();
      return c.json(stats.snapshot());
    });
}
