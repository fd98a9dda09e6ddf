import type { RestatePromise } from "@restatedev/restate-sdk/lambda";

/** What a composite is told that awaits parts through JavaScript's own combinators. */
export class NativeCombinator extends TypeError {
  constructor() {
    super(
      "A composite awaits several parts with Promise.all, allSettled, race or any. Await them with RestatePromise.allSettled (or all, race, any) of @restatedev/restate-sdk/lambda.",
    );
  }
}

/**
 * F12: notices parts that are awaited at the same time, each for itself. Restate waits for one promise at a time: more would
 * crash every attempt of the call, without a word of why. A RestatePromise combinator is one promise.
 */
export class AwaitedParts {
  readonly #misuse = Promise.withResolvers<never>();
  #awaited: RestatePromise<unknown> | undefined;

  /** The composite's end, if that comes before the mistake. @throws NativeCombinator at once when parts are awaited together. */
  orMisuse<T>(work: Promise<T>): Promise<T> {
    // biome-ignore lint/plugin: neither is Restate's: the composite's end, and one that only this class settles.
    return Promise.race([work, this.#misuse.promise]);
  }

  /** The same promise; from now on its awaits are noticed, and those of what is made from it. */
  watch<T>(part: RestatePromise<T>): RestatePromise<T> {
    const { then, catch: handle, finally: conclude, map, orTimeout } = part;
    // A second wait must not reach Restate: it would crash the attempt before the error is told.
    const awaited =
      <Rest extends unknown[]>(method: (...rest: Rest) => Promise<unknown>) =>
      (...rest: Rest) =>
        this.#begin(part, then) ? method.apply(part, rest) : new Promise(() => {});
    return Object.assign(part, {
      // biome-ignore lint/suspicious/noThenProperty: this is what an await calls.
      then: awaited(then),
      catch: awaited(handle),
      finally: awaited(conclude),
      map: (...mapper: Parameters<typeof map>) => this.watch(map.apply(part, mapper)),
      orTimeout: (...duration: Parameters<typeof orTimeout>) => this.watch(orTimeout.apply(part, duration)),
    }) as RestatePromise<T>;
  }

  /** @param then the promise's own, which is not noticed. @returns whether this is the only part that is awaited. */
  #begin(part: RestatePromise<unknown>, then: RestatePromise<unknown>["then"]): boolean {
    if (this.#awaited === part) return true;
    if (this.#awaited) {
      this.#misuse.reject(new NativeCombinator());
      return false;
    }
    this.#awaited = part;
    // Registered before the composite's own continuation, so that this part is through when the next one is awaited.
    const end = () => {
      this.#awaited = undefined;
    };
    then.call(part, end, end);
    return true;
  }
}
