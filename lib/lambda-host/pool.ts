import { Environment, type EnvironmentOptions } from "./execution-environment.ts";
import { errorBody, type Invocation, type Outcome } from "./invocation.ts";
import { ProvisionedEnvironments, type ProvisionedStatus } from "./provisioned-environments.ts";

/** The answer to a request that comes in while the host stops: a new environment would outlive the host. */
const STOPPED: Outcome = {
  body: errorBody("Runtime.ExitError", "The Lambda host is stopping"),
  functionError: "Unhandled",
  coldStart: false,
  billedMs: 0,
};

/** The execution environments of one version of one function. */
export class Pool {
  readonly #options: Omit<EnvironmentOptions, "provisioned">;
  readonly #onStart: (environment: Environment) => void;
  /** Free ones, the longest idle first. */
  readonly #idle: Environment[] = [];
  #provisioned: ProvisionedEnvironments | undefined;
  #retired = false;

  /** @param onStart sees every environment as soon as it is started. */
  constructor(options: Omit<EnvironmentOptions, "provisioned">, onStart: (environment: Environment) => void) {
    this.#options = options;
    this.#onStart = onStart;
  }

  /** Free environments that requests have started, the longest idle first. */
  get idle(): readonly Environment[] {
    return this.#idle;
  }

  /** The state of the provisioned concurrency, if there is any. */
  get provisioned(): ProvisionedStatus | undefined {
    return this.#provisioned?.status;
  }

  /** Sets how many environments are started ahead of requests; 0 ends them, busy ones after their request. */
  provision(count: number): void {
    this.#provisioned ??= new ProvisionedEnvironments(() => this.#start(true));
    this.#provisioned.request(count);
    if (count === 0) this.#provisioned = undefined;
  }

  /**
   * Runs an invocation in a free environment, a provisioned one first, or in a new one if none is free. `Concurrency` has
   * decided before that it may run.
   */
  async invoke(invocation: Invocation): Promise<Outcome> {
    if (this.#retired) return STOPPED;
    // The one used last: it is the warmest, and the others get their chance to be reaped.
    const environment = this.#provisioned?.take() ?? this.#idle.pop() ?? this.#start(false);
    const outcome = await environment.invoke(invocation);
    if (environment.alive && !this.#takeBack(environment)) environment.kill();
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
    if (this.#provisioned) this.provision(0);
    for (const environment of [...this.#idle]) this.reap(environment);
  }

  /** False if the environment is not needed any more. */
  #takeBack(environment: Environment): boolean {
    if (this.#retired) return false;
    if (environment.provisioned) return this.#provisioned?.giveBack(environment) ?? false;
    this.#idle.push(environment);
    return true;
  }

  #start(provisioned: boolean): Environment {
    const type = provisioned ? "provisioned-concurrency" : "on-demand";
    const variables = { ...this.#options.variables, AWS_LAMBDA_INITIALIZATION_TYPE: type };
    const environment = new Environment({ ...this.#options, variables, provisioned });
    this.#onStart(environment);
    void environment.exited.then(() => this.#forget(environment));
    return environment;
  }

  #forget(environment: Environment): void {
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
