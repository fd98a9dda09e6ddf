import { Ending } from "./ending.ts";
import { Environment, type EnvironmentOptions } from "./execution-environment.ts";
import { type Execution, errorBody, type Invocation, type Outcome } from "./invocation.ts";
import { ProvisionedEnvironments, type ProvisionedStatus } from "./provisioned-environments.ts";
import type { StartGate } from "./start-gate.ts";

/** The answer to a request that comes in while the host stops: a new environment would outlive the host. */
const STOPPED: Outcome = {
  body: errorBody("Runtime.ExitError", "The Lambda host is stopping"),
  functionError: "Unhandled",
  coldStart: false,
  billedMs: 0,
};

type PoolOptions = Omit<EnvironmentOptions, "provisioned"> & {
  gate: StartGate;
  /** Sees every environment as soon as it is started. */
  onStart: (environment: Environment) => void;
};

/** A request that no environment has taken yet. */
interface Waiting {
  invocation: Invocation;
  begin: (execution: Execution) => void;
  fail: (error: unknown) => void;
}

/**
 * The execution environments of one version of one function. A request that finds none free waits for the first that is:
 * one that ends another request, or a new one, of which there are never more on their way than requests that wait.
 */
export class Pool {
  readonly #options: PoolOptions;
  /** Free ones, the longest idle first. */
  readonly #idle: Environment[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #ending = new Ending();
  /** What waiting requests count on: invocations that are about to end, starts that wait for their turn, and starts. */
  #coming = 0;
  #starting = 0;
  /** Environments that were ever started. */
  #started = 0;
  #provisioned: ProvisionedEnvironments | undefined;
  #retired = false;

  constructor(options: PoolOptions) {
    this.#options = options;
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
    this.#provisioned ??= new ProvisionedEnvironments({
      gate: this.#options.gate,
      create: () => this.#create(true),
      offer: (environment) => this.#offer(environment),
    });
    this.#provisioned.request(count);
    if (count === 0) this.#provisioned = undefined;
  }

  /**
   * Runs an invocation in a free environment, a provisioned one first, or in the first that is free. `Concurrency` has
   * decided before that it may run.
   * @returns the execution, when it begins.
   */
  async invoke(invocation: Invocation): Promise<Execution> {
    if (this.#retired) return over(STOPPED);
    // The one used last: it is the warmest, and the others get their chance to be reaped.
    const environment = this.#provisioned?.take() ?? this.#idle.pop();
    if (environment?.alive) return this.#run(environment, invocation);
    return new Promise((begin, fail) => {
      this.#waiting.push({ invocation, begin, fail });
      this.#expectEnough();
    });
  }

  /** Ends an environment, if it is free. */
  reap(environment: Environment): void {
    if (this.#forget(environment)) environment.kill();
  }

  /** Ends free environments now and busy ones after their request. Requests that wait already are run. */
  retire(): void {
    this.#retired = true;
    if (this.#provisioned) this.provision(0);
    for (const environment of [...this.#idle]) this.reap(environment);
  }

  #run(environment: Environment, invocation: Invocation): Execution {
    const execution = environment.invoke(invocation);
    void execution.outcome.then(() => environment.busy && this.#ending.add(execution.ended));
    void execution.ended.then(() => this.#offer(environment));
    return execution;
  }

  /** Gives a free environment to the request that has waited longest, or keeps it, or ends it if it is not needed. */
  #offer(environment: Environment): void {
    if (!environment.alive) return;
    const isOurs = !environment.provisioned || this.#provisioned?.has(environment);
    const next = isOurs ? this.#waiting.shift() : undefined;
    if (next) next.begin(this.#run(environment, next.invocation));
    else if (!isOurs || this.#retired) environment.kill();
    else if (environment.provisioned) this.#provisioned?.giveBack(environment);
    else this.#idle.push(environment);
  }

  /** Sees to it that something comes for every request that waits. */
  #expectEnough(): void {
    while (this.#waiting.length > this.#coming) {
      this.#coming += 1;
      const ended = this.#ending.claim();
      if (ended) void ended.then(() => this.#came());
      else this.#options.gate.enter({ start: () => this.#start(), callOff: () => this.#callOff() });
    }
  }

  #came(): void {
    this.#coming -= 1;
    this.#expectEnough();
  }

  /** It is a start's turn: there may be enough of them by now. */
  #start(): Promise<void> | undefined {
    if (this.#starting < this.#waiting.length) return this.#startOne();
    this.#came();
    return undefined;
  }

  async #startOne(): Promise<void> {
    this.#starting += 1;
    try {
      const environment = this.#create(false);
      const initialised = await environment.whenInitialised;
      if (initialised) this.#offer(environment);
      else this.#giveUpOne((invocation) => over(environment.startFailure(invocation)));
    } catch (error) {
      this.#waiting.shift()?.fail(error);
    }
    this.#starting -= 1;
    this.#came();
  }

  #callOff(): void {
    this.#giveUpOne(() => over(STOPPED));
    this.#came();
  }

  /** Something that was to come does not: a request for which nothing else comes has waited in vain. */
  #giveUpOne(execution: (invocation: Invocation) => Execution): void {
    const next = this.#waiting.length >= this.#coming ? this.#waiting.shift() : undefined;
    next?.begin(execution(next.invocation));
  }

  #create(provisioned: boolean): Environment {
    const type = provisioned ? "provisioned-concurrency" : "on-demand";
    const variables = { ...this.#options.variables, AWS_LAMBDA_INITIALIZATION_TYPE: type };
    // What the first one would keep costs more than it saves, if there is never a second.
    const keepsCompiled = this.#started++ > 0;
    const environment = new Environment({ ...this.#options, variables, provisioned, keepsCompiled });
    this.#options.onStart(environment);
    void environment.exited.then(() => this.#forget(environment));
    return environment;
  }

  /** Whether it was free. */
  #forget(environment: Environment): boolean {
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
    return index >= 0;
  }
}

/** An execution that no environment has taken. */
function over(outcome: Outcome): Execution {
  return { outcome: Promise.resolve(outcome), ended: Promise.resolve() };
}
