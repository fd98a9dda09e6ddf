import { randomUUID } from "node:crypto";
import { type Execution, failure, type Invocation, type Outcome } from "./invocation.ts";
import { type LogLine, RuntimeProcess } from "./runtime-process.ts";
import type { Spec } from "./spec.ts";

/** What Lambda gives the init phase. A longer init is run again within the function's timeout; here it may simply use both. */
const INIT_SECONDS = 10;
/** What provisioned environments have for it, or the function's timeout if that is longer. */
const PROVISIONED_INIT_SECONDS = 130;

export interface EnvironmentOptions {
  spec: Spec;
  /** Folder of the bundle's copy: the environment's `LAMBDA_TASK_ROOT`. */
  taskRoot: string;
  /** `host:port` of the Runtime API, without a path. */
  runtimeApi: string;
  /** Lambda's own variables and the function's; nothing else reaches it. */
  variables: Record<string, string>;
  /** It initialises before there is a request, and has more time to do so. */
  provisioned: boolean;
  /** It takes the compiled code that another one of its version has kept, or keeps its own. Default: false. */
  keepsCompiled?: boolean;
  onLog?: ((line: LogLine) => void) | undefined;
}

type Answer = Pick<Outcome, "body" | "functionError">;

interface Running {
  invocation: Invocation;
  /** The first call counts. */
  settle: (outcome: Outcome) => void;
  end: () => void;
  startedAt: number;
  coldStart: boolean;
}

/**
 * One execution environment: a child process that handles one invocation at a time and is frozen between them.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Environment {
  readonly id = randomUUID();
  /** When it last became free, in milliseconds of `performance.now()`. */
  idleSince = 0;
  /** Whether the handler was loaded, as soon as that is known. */
  readonly whenInitialised: Promise<boolean>;
  readonly #options: EnvironmentOptions;
  readonly #process: RuntimeProcess;
  #running: Running | undefined;
  /** Set while it waits for a request. */
  #deliver: ((invocation: Invocation) => void) | undefined;
  readonly #reportInitialised: (initialised: boolean) => void;
  readonly #spawnedAt = performance.now();
  /** Undefined until it is initialised. */
  #initMs: number | undefined;
  /** Why the handler could not be loaded, if the runtime has said so. */
  #initError: Answer | undefined;
  #used = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { spec, runtimeApi } = options;
    const variables = {
      ...options.variables,
      AWS_LAMBDA_RUNTIME_API: `${runtimeApi}/environments/${this.id}`,
    };
    this.#process = new RuntimeProcess(spec, { ...options, variables });
    const { promise, resolve: reportInitialised } = Promise.withResolvers<boolean>();
    this.whenInitialised = promise;
    this.#reportInitialised = reportInitialised;
    void this.#process.exited.then(() => this.#ended());
    this.#process.watch(
      options.provisioned
        ? Math.max(PROVISIONED_INIT_SECONDS, spec.timeoutSeconds)
        : INIT_SECONDS + spec.timeoutSeconds,
    );
  }

  get spec(): Spec {
    return this.#options.spec;
  }

  get provisioned(): boolean {
    return this.#options.provisioned;
  }

  /** The handler is loaded. */
  get initialised(): boolean {
    return this.#initMs !== undefined;
  }

  /** It has a request. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get exited(): Promise<void> {
    return this.#process.exited;
  }

  /** How long it took from the process's start until it was ready for its first request; undefined before that. */
  get initMs(): number | undefined {
    return this.#initMs;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  /** What a free environment holds of its own, in MiB. */
  get frozenMb(): number {
    return this.#process.frozenMb;
  }

  /** Runs one invocation. For an environment that is initialised and has none. */
  invoke(invocation: Invocation): Execution {
    const deliver = this.#deliver;
    if (!deliver) throw new Error(`Environment ${this.id} got a request while it was not free.`);
    const { promise: outcome, resolve: settle } = Promise.withResolvers<Outcome>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const coldStart = !this.provisioned && !this.#used;
    this.#used = true;
    this.#running = { invocation, settle, end, startedAt: performance.now(), coldStart };
    this.#deliver = undefined;
    this.#process.watch(this.spec.timeoutSeconds);
    this.#process.thaw();
    deliver(invocation);
    return { outcome, ended };
  }

  /** The child polls `/next`: ends the invocation that it has answered, then waits, frozen, for another one. */
  next(): Promise<Invocation> {
    return new Promise((deliver) => {
      // Its last words may arrive after its end.
      if (this.#process.killed) return;
      this.#deliver = deliver;
      // A request that waits takes it before.
      setImmediate(() => this.#deliver && this.#process.freeze());
      this.#finish(
        "Runtime.InvalidState",
        "The runtime asked for the next invocation without answering this one",
      );
      this.#initMs ??= performance.now() - this.#spawnedAt;
      this.#reportInitialised(true);
    });
  }

  /**
   * The child posts what came of a request, which is answered at once; the environment is free when it polls again.
   * Answers to other requests than the current one are ignored.
   */
  answer(requestId: string, answer: Answer): void {
    const running = this.#running;
    if (running?.invocation.requestId === requestId) this.#settle(running, answer);
  }

  /** The child could not load its handler; it ends by itself. */
  failInit(body: Buffer): void {
    this.#initError ??= { body, functionError: "Unhandled" };
  }

  /** What a request gets that has waited for this environment, which has ended without being initialised. */
  startFailure(invocation: Invocation): Outcome {
    const answer = this.#initError ?? this.#failure(invocation, "Runtime.ExitError", this.#process.exitText);
    return { ...answer, coldStart: true, billedMs: Math.ceil(performance.now() - this.#spawnedAt) };
  }

  kill(): void {
    this.#process.kill();
  }

  #ended(): void {
    this.#deliver = undefined;
    this.#finish("Runtime.ExitError", this.#process.exitText);
    this.#reportInitialised(false);
  }

  /** Ends the running invocation, if any, with this error if the runtime has given no answer. */
  #finish(errorType: string, text: string): void {
    const running = this.#running;
    this.#process.unwatch();
    this.#running = undefined;
    this.idleSince = performance.now();
    if (!running) return;
    this.#settle(running, this.#failure(running.invocation, errorType, text));
    running.end();
  }

  #settle({ settle, startedAt, coldStart }: Running, answer: Answer): void {
    const initMs = coldStart ? (this.#initMs ?? 0) : 0;
    settle({ ...answer, coldStart, billedMs: Math.ceil(initMs + performance.now() - startedAt) });
  }

  /** That its time is over, or else this error. */
  #failure(invocation: Invocation, errorType: string, text: string): Answer {
    if (!this.#process.timedOut) return failure(invocation, errorType, text);
    const timeout = `Task timed out after ${this.spec.timeoutSeconds.toFixed(2)} seconds`;
    return failure(invocation, "Sandbox.Timedout", timeout);
  }
}
