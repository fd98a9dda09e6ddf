import { LambdaError } from "./lambda-error.ts";

/** Lambda's default for concurrent executions of one account in one region. */
const ACCOUNT_CONCURRENCY = 1000;
/** What must be left for the functions without reserved concurrency; an account with a lower quota has a lower minimum. */
const UNRESERVED_MINIMUM = 100;

/** AWS's reasons of a `TooManyRequestsException` that a concurrency limit causes. */
export type ThrottleReason =
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "ConcurrentInvocationLimitExceeded";

interface ConcurrencyLimits {
  /** Concurrent invocations of all functions together. Default: 1000, as AWS. */
  account?: number | undefined;
  /** How much of it functions cannot reserve. Default: 100, as AWS. */
  unreservedMinimum?: number | undefined;
}

/** A function's share of the account. Numbers by version are of those that are not zero. */
interface Share {
  reserved?: number | undefined;
  provisioned: Map<string, number>;
  running: Map<string, number>;
}

/**
 * Who may run now. A function with reserved concurrency has that many slots to itself, over all of its versions; the
 * other functions share what is left of the account's. Provisioned concurrency sets slots of the function's, or of what
 * is shared, aside for one version.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export class Concurrency {
  readonly account: number;
  readonly #unreservedMinimum: number;
  readonly #shares = new Map<string, Share>();

  constructor({
    account = ACCOUNT_CONCURRENCY,
    unreservedMinimum = UNRESERVED_MINIMUM,
  }: ConcurrencyLimits = {}) {
    this.account = account;
    this.#unreservedMinimum = unreservedMinimum;
  }

  /** A function's reserved concurrency, if it has one. */
  reserved(name: string): number | undefined {
    return this.#shares.get(name)?.reserved;
  }

  /** What the functions without reserved concurrency share: neither reserved nor provisioned. */
  get unreserved(): number {
    return this.account - sum([...this.#shares.values()].map(taken));
  }

  /**
   * Sets (or, with `undefined`, removes) a function's reserved concurrency.
   * @throws LambdaError if the account does not have that much, or if the function's versions have more provisioned.
   */
  reserve(name: string, slots: number | undefined): void {
    const share = this.#share(name);
    const provisioned = sum(share.provisioned.values());
    if (slots !== undefined) {
      this.#checkAccount(`Function ${name} reserves a concurrency of ${slots}`, slots, taken(share));
      if (slots < provisioned)
        throw invalid(
          `Function ${name} reserves a concurrency of ${slots}, but its versions have ${provisioned} provisioned.`,
        );
    }
    share.reserved = slots;
  }

  /**
   * Sets (or, with 0, removes) a version's provisioned concurrency.
   * @throws LambdaError if its function has less reserved, or if it has nothing reserved and the account has less left.
   */
  provision(name: string, version: string, slots: number): void {
    const share = this.#share(name);
    const before = share.provisioned.get(version) ?? 0;
    const others = sum(share.provisioned.values()) - before;
    const asked = `Version ${version} of function ${name} provisions a concurrency of ${slots}`;
    if (share.reserved === undefined) this.#checkAccount(asked, slots, before);
    else if (others + slots > share.reserved)
      throw invalid(
        `${asked}, but the function has ${share.reserved} reserved, of which other versions have ${others} provisioned.`,
      );
    setCount(share.provisioned, version, slots);
  }

  /** Takes a slot for a version, or says why there is none. Every slot that is taken must be given back with `release`. */
  acquire(name: string, version: string): ThrottleReason | undefined {
    const share = this.#share(name);
    const running = share.running.get(version) ?? 0;
    if (running >= (share.provisioned.get(version) ?? 0)) {
      if (share.reserved === undefined) {
        if (this.#sharedRunning() >= this.unreserved) return "ConcurrentInvocationLimitExceeded";
      } else if (onDemand(share) >= share.reserved - sum(share.provisioned.values()))
        return "ReservedFunctionConcurrentInvocationLimitExceeded";
    }
    share.running.set(version, running + 1);
    return undefined;
  }

  release(name: string, version: string): void {
    const { running } = this.#share(name);
    setCount(running, version, (running.get(version) ?? 0) - 1);
  }

  /** Takes everything back that a function has reserved and provisioned. */
  forget(name: string): void {
    const share = this.#share(name);
    share.reserved = undefined;
    share.provisioned.clear();
  }

  #checkAccount(asked: string, slots: number, before: number): void {
    const available = this.unreserved + before - this.#unreservedMinimum;
    if (slots > available)
      throw invalid(
        `${asked}, but at most ${available} are left: the account has ${this.account}, and ${this.#unreservedMinimum} of it must stay unreserved.`,
      );
  }

  #sharedRunning(): number {
    return sum([...this.#shares.values()].filter(({ reserved }) => reserved === undefined).map(onDemand));
  }

  #share(name: string): Share {
    const share = this.#shares.get(name) ?? { provisioned: new Map(), running: new Map() };
    this.#shares.set(name, share);
    return share;
  }
}

/** What others cannot use because of this function. */
function taken({ reserved, provisioned }: Share): number {
  return reserved ?? sum(provisioned.values());
}

/** Running invocations above what their versions have provisioned. */
function onDemand({ provisioned, running }: Share): number {
  return sum([...running].map(([version, count]) => Math.max(0, count - (provisioned.get(version) ?? 0))));
}

function setCount(counts: Map<string, number>, version: string, count: number): void {
  if (count > 0) counts.set(version, count);
  else counts.delete(version);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

function invalid(message: string): LambdaError {
  return new LambdaError("InvalidParameterValueException", message);
}
