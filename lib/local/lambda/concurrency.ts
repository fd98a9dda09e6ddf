import { ACCOUNT_CONCURRENCY } from "./quotas.ts";

/** AWS's reasons of a `TooManyRequestsException` that a concurrency limit causes. */
export type ThrottleReason =
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "ConcurrentInvocationLimitExceeded";

/**
 * Who may run now. A function with reserved concurrency has that many slots to itself, over all of its versions; the
 * other functions share what is left of the account's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
export class Concurrency {
  readonly #account: number;
  readonly #reserved = new Map<string, number>();
  readonly #running = new Map<string, number>();

  constructor(account = ACCOUNT_CONCURRENCY) {
    this.#account = account;
  }

  /** Sets (or, with `undefined`, removes) a function's reserved concurrency. Throws if the account has not that much. */
  reserve(name: string, slots: number | undefined): void {
    const others = sum(
      [...this.#reserved].filter(([other]) => other !== name).map(([, reserved]) => reserved),
    );
    if (others + (slots ?? 0) > this.#account)
      throw new Error(
        `Function ${name} reserves a concurrency of ${slots}, but the account has ${this.#account} and other functions reserve ${others}.`,
      );
    if (slots === undefined) this.#reserved.delete(name);
    else this.#reserved.set(name, slots);
  }

  /** Takes a slot for the function, or says why there is none. Every taken slot must be given back with `release`. */
  acquire(name: string): ThrottleReason | undefined {
    const reserved = this.#reserved.get(name);
    if (reserved !== undefined) {
      if (this.#count(name) >= reserved) return "ReservedFunctionConcurrentInvocationLimitExceeded";
    } else if (this.#sharedRunning() >= this.#account - sum([...this.#reserved.values()])) {
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

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
