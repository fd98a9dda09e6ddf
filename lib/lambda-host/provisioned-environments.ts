import type { Environment } from "./execution-environment.ts";
import type { StartGate } from "./start-gate.ts";

/** The state of a version's provisioned concurrency, in AWS's terms. */
export interface ProvisionedStatus {
  requested: number;
  /** Environments that are initialised, busy ones included. */
  allocated: number;
  status: "IN_PROGRESS" | "READY" | "FAILED";
  lastModified: Date;
}

interface ProvisionedOptions {
  gate: StartGate;
  create: () => Environment;
  /** Gets every environment that is free for the first time: a request may wait for it, or it comes back by `giveBack`. */
  offer: (environment: Environment) => void;
}

/**
 * The environments that one version has started ahead of requests. They are replaced when they end, unless one ends while
 * it initialises: then the whole is `FAILED`, and nothing is started until the next request for a number.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export class ProvisionedEnvironments {
  readonly #options: ProvisionedOptions;
  readonly #environments = new Set<Environment>();
  /** Those that are initialised and have no request. */
  readonly #idle: Environment[] = [];
  /** Starts that wait for their turn. */
  #due = 0;
  #requested = 0;
  #status: ProvisionedStatus["status"] = "READY";
  #lastModified = new Date();

  constructor(options: ProvisionedOptions) {
    this.#options = options;
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

  /** False if the environment is not one of these, or not any more. */
  has(environment: Environment): boolean {
    return this.#environments.has(environment);
  }

  /** Takes one of these environments back, which is free. */
  giveBack(environment: Environment): void {
    this.#idle.push(environment);
  }

  get #allocated(): number {
    return [...this.#environments].filter(({ initialised }) => initialised).length;
  }

  #adjust(): void {
    while (this.#environments.size > this.#requested) this.#dropOne();
    while (this.#isShort(this.#due)) {
      this.#due += 1;
      this.#options.gate.enter({ start: () => this.#start(), callOff: () => {} });
    }
    if (this.#status === "IN_PROGRESS" && this.#allocated === this.#requested) this.#status = "READY";
  }

  /** Whether more have to be started than are due. */
  #isShort(due: number): boolean {
    return this.#environments.size + due < this.#requested && this.#status !== "FAILED";
  }

  #start(): Promise<void> | undefined {
    this.#due -= 1;
    return this.#isShort(0) ? this.#startOne() : undefined;
  }

  async #startOne(): Promise<void> {
    const environment = this.#options.create();
    this.#environments.add(environment);
    const initialised = await environment.whenInitialised;
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
    this.#options.offer(environment);
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
