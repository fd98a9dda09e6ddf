import { Environment, type EnvironmentOptions } from "./environment.ts";
import { errorBody, type Invocation, type Outcome } from "./invocation.ts";

/** For a request that comes in while the host stops: a new environment would outlive it. */
const STOPPED: Outcome = {
  body: errorBody("Runtime.ExitError", "The Lambda host is stopping"),
  functionError: "Unhandled",
  coldStart: false,
  billedMs: 0,
};

/** The execution environments of one version of one function. */
export class Pool {
  readonly #options: EnvironmentOptions;
  readonly #running: Map<string, Environment>;
  /** Free ones, the longest idle first. */
  readonly #idle: Environment[] = [];
  #retired = false;

  /** Every environment is in `running`, by its id, from its start to its end. */
  constructor(options: EnvironmentOptions, running: Map<string, Environment>) {
    this.#options = options;
    this.#running = running;
  }

  /** Free environments, the longest idle first. */
  get idle(): readonly Environment[] {
    return this.#idle;
  }

  /** Runs an invocation in a free environment, or in a new one if none is free. How many may run is decided before. */
  async invoke(invocation: Invocation): Promise<Outcome> {
    if (this.#retired) return STOPPED;
    // The one used last: it is warmest, and the others get their chance to be reaped.
    const environment = this.#idle.pop() ?? this.#start();
    const outcome = await environment.invoke(invocation);
    if (this.#retired) environment.kill();
    else if (environment.alive) this.#idle.push(environment);
    return outcome;
  }

  /** Ends a free environment. */
  reap(environment: Environment): void {
    this.#forget(environment);
    environment.kill();
  }

  /** Ends free environments now and busy ones after their request. */
  retire(): void {
    this.#retired = true;
    for (const environment of [...this.#idle]) this.reap(environment);
  }

  #start(): Environment {
    const environment = new Environment(this.#options);
    this.#running.set(environment.id, environment);
    void environment.exited.then(() => {
      this.#running.delete(environment.id);
      this.#forget(environment);
    });
    return environment;
  }

  #forget(environment: Environment): void {
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
