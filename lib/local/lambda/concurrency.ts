import { LambdaError } from "./lambda-error.ts";
import { ACCOUNT_CONCURRENCY, UNRESERVED_MINIMUM } from "./quotas.ts";

/** AWS's reasons of a `TooManyRequestsException` that a concurrency limit causes. */
export type ThrottleReason =
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "ConcurrentInvocationLimitExceeded";

export interface ConcurrencyLimits {
  /** Concurrent invocations of all functions together. Default: 1000, as AWS. */
  account?: number | undefined;
  /** What functions cannot reserve of it. Default: 100, as AWS. */
  unreservedMinimum?: number | undefined;
}

/**
 * Who may run now. A function with reserved concurrency has that many slots to itself, over all of its versions; the
 * other functions share what is left of the account's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export class Concurrency {
  readonly account: number;
  readonly #unreservedMinimum: number;
  readonly #reserved = new Map<string, number>();
  readonly #running = new Map<string, number>();

  constructor({
    account = ACCOUNT_CONCURRENCY,
    unreservedMinimum = UNRESERVED_MINIMUM,
  }: ConcurrencyLimits = {}) {
    this.account = account;
    this.#unreservedMinimum = unreservedMinimum;
  }

  /** A function's reserved concurrency, if it has one. */
  reserved(name: string): number | undefined {
    return this.#reserved.get(name);
  }

  /** What the functions without reserved concurrency share. */
  get unreserved(): number {
    return this.account - sum(this.#reserved.values());
  }

  /** Sets (or, with `undefined`, removes) a function's reserved concurrency. Throws if the account has not that much. */
  reserve(name: string, slots: number | undefined): void {
    const available = this.unreserved + (this.#reserved.get(name) ?? 0) - this.#unreservedMinimum;
    if (slots !== undefined && slots > available)
      throw new LambdaError(
        "InvalidParameterValueException",
        `Function ${name} reserves a concurrency of ${slots}, but at most ${available} can be reserved: the account has ${this.account}, and ${this.#unreservedMinimum} of it must stay unreserved.`,
      );
    if (slots === undefined) this.#reserved.delete(name);
    else this.#reserved.set(name, slots);
  }

  /** Takes a slot for the function, or says why there is none. Every taken slot must be given back with `release`. */
  acquire(name: string): ThrottleReason | undefined {
    const reserved = this.#reserved.get(name);
    if (reserved !== undefined) {
      if (this.#count(name) >= reserved) return "ReservedFunctionConcurrentInvocationLimitExceeded";
    } else if (this.#sharedRunning() >= this.unreserved) {
      return "ConcurrentInvocationLimitExceeded";
    }
    this.#running.set(name, this.#count(name) + 1);
    return undefined;
  }

  release(name: string): void {
    this.#running.set(name, this.#count(name) - 1);
  }

  #count(name: string): number {
    return this.#running.get(name) ?? 0;
  }

  #sharedRunning(): number {
    return sum([...this.#running].filter(([name]) => !this.#reserved.has(name)).map(([, count]) => count));
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
