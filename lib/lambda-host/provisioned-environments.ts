import type { Environment } from "./execution-environment.ts";

/** How many environments of one version start at the same time: on a laptop, more would only slow each other down. */
const STARTS_AT_ONCE = 4;

/** The state of a version's provisioned concurrency, in AWS's terms. */
export interface ProvisionedStatus {
  requested: number;
  /** Environments that are initialised, busy ones included. */
  allocated: number;
  status: "IN_PROGRESS" | "READY" | "FAILED";
  lastModified: Date;
}

/**
 * The environments that one version has started ahead of requests. They are replaced when they end, unless one ends while
 * it initialises: then the whole is `FAILED`, and nothing is started until the next request for a number.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export class ProvisionedEnvironments {
  readonly #start: () => Environment;
  readonly #environments = new Set<Environment>();
  /** Those that are initialised and have no request. */
  readonly #idle: Environment[] = [];
  #starting = 0;
  #requested = 0;
  #status: ProvisionedStatus["status"] = "READY";
  #lastModified = new Date();

  constructor(start: () => Environment) {
    this.#start = start;
  }

  get status(): ProvisionedStatus {
    return {
      requested: this.#requested,
      allocated: this.#allocated,
      status: this.#status,
      lastModified: this.#lastModified,
    };
  }

  /** Sets how many there are to be. Those beyond that end, busy ones after their request. */
  request(count: number): void {
    this.#requested = count;
    this.#status = "IN_PROGRESS";
    this.#lastModified = new Date();
    // Later, as on AWS: the answer shows the work in progress.
    queueMicrotask(() => this.#adjust());
  }

  /** A free environment, if there is one. It comes back through `giveBack`. */
  take(): Environment | undefined {
    return this.#idle.pop();
  }

  /** Takes an environment back after its request; false if it is not one of these, or not any more. */
  giveBack(environment: Environment): boolean {
    const isOurs = this.#environments.has(environment);
    if (isOurs) this.#idle.push(environment);
    return isOurs;
  }

  get #allocated(): number {
    return [...this.#environments].filter(({ initialised }) => initialised).length;
  }

  #adjust(): void {
    while (this.#environments.size > this.#requested) this.#dropOne();
    while (this.#canStart()) void this.#startOne();
    if (this.#status === "IN_PROGRESS" && this.#allocated === this.#requested) this.#status = "READY";
  }

  #canStart(): boolean {
    const wanted = this.#environments.size < this.#requested;
    return wanted && this.#starting < STARTS_AT_ONCE && this.#status !== "FAILED";
  }

  async #startOne(): Promise<void> {
    const environment = this.#start();
    this.#environments.add(environment);
    this.#starting += 1;
    const initialised = await environment.whenInitialised;
    this.#starting -= 1;
    // One that was dropped meanwhile says nothing about the others.
    if (this.#environments.has(environment)) {
      if (initialised) this.#keep(environment);
      else {
        this.#environments.delete(environment);
        this.#status = "FAILED";
      }
    }
    this.#adjust();
  }

  #keep(environment: Environment): void {
    this.#idle.push(environment);
    void environment.exited.then(() => {
      this.#forget(environment);
      this.#adjust();
    });
  }

  /** A free one if there is one, else the one that started last: if it is busy it ends when it is given back. */
  #dropOne(): void {
    const environment = this.#idle[0] ?? [...this.#environments].at(-1);
    if (!environment) return;
    this.#forget(environment);
    if (!environment.busy) environment.kill();
  }

  #forget(environment: Environment): void {
    this.#environments.delete(environment);
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
