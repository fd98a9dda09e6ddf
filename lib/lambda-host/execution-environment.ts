import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { failure, type Invocation, type Outcome } from "./invocation.ts";
import { exitText, type LogLine, residentMb, spawnRuntime } from "./runtime-process.ts";
import type { Spec } from "./spec.ts";
import { signalGroup } from "./tied-process.ts";

/** What Lambda gives the init phase. A longer init is run again within the function's timeout; here it may simply use both. */
const INIT_SECONDS = 10;
/** What provisioned environments have for it, or the function's timeout if that is longer. */
const PROVISIONED_INIT_SECONDS = 130;
const MEMORY_SAMPLE_MS = 100;

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
  onLog?: ((line: LogLine) => void) | undefined;
}

type Answer = Pick<Outcome, "body" | "functionError">;

interface Running {
  invocation: Invocation;
  settle: (outcome: Outcome) => void;
  startedAt: number;
  coldStart: boolean;
  delivered: boolean;
  answer?: Answer;
}

/**
 * One execution environment: a child process that handles one invocation at a time and is frozen between them.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class Environment {
  readonly id = randomUUID();
  /** When it last became free, in milliseconds of `performance.now()`. */
  idleSince = 0;
  readonly exited: Promise<void>;
  /** Whether the handler was loaded, as soon as that is known. */
  readonly whenInitialised: Promise<boolean>;
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  #running: Running | undefined;
  #deliver: ((invocation: Invocation) => void) | undefined;
  readonly #reportInitialised: (initialised: boolean) => void;
  readonly #spawnedAt = performance.now();
  /** Undefined until it is initialised. */
  #initMs: number | undefined;
  #clock: NodeJS.Timeout | undefined;
  #memory: NodeJS.Timeout | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { spec, runtimeApi } = options;
    const variables = {
      ...options.variables,
      AWS_LAMBDA_RUNTIME_API: `${runtimeApi}/environments/${this.id}`,
    };
    this.#child = spawnRuntime(spec, { ...options, variables });
    const { promise, resolve: reportInitialised } = Promise.withResolvers<boolean>();
    this.whenInitialised = promise;
    this.#reportInitialised = reportInitialised;
    this.exited = new Promise((resolve) => {
      this.#child.once("error", () => this.#ended(resolve));
      this.#child.once("exit", () => this.#ended(resolve));
    });
    if (options.provisioned) this.#startClock(Math.max(PROVISIONED_INIT_SECONDS, spec.timeoutSeconds));
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
    return this.#child.pid;
  }

  /** How long it took from the process's start until it was ready for its first request; undefined before that. */
  get initMs(): number | undefined {
    return this.#initMs;
  }

  get alive(): boolean {
    return this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Runs one invocation. Resolves when the environment polls for the next one, or has ended; never rejects. */
  invoke(invocation: Invocation): Promise<Outcome> {
    if (this.#running) throw new Error(`Environment ${this.id} got a second request while one is running.`);
    return new Promise((settle) => {
      const coldStart = this.#initMs === undefined;
      this.#running = { invocation, settle, startedAt: performance.now(), coldStart, delivered: false };
      this.#memory = setInterval(() => void this.#checkMemory(), MEMORY_SAMPLE_MS);
      if (this.#deliver) this.#thaw(this.#deliver);
      else this.#startClock(INIT_SECONDS + this.#options.spec.timeoutSeconds);
    });
  }

  /** The child polls `/next`: ends the invocation that it has answered, then waits, frozen, for another one. */
  next(): Promise<Invocation> {
    this.#initMs ??= performance.now() - this.#spawnedAt;
    this.#reportInitialised(true);
    return new Promise((deliver) => {
      const waiting = this.#running && !this.#running.delivered;
      if (waiting) return this.#thaw(deliver);
      this.#deliver = deliver;
      signalGroup(this.#child, "SIGSTOP");
      this.#finish(
        "Runtime.InvalidState",
        "The runtime asked for the next invocation without answering this one",
      );
    });
  }

  /** The child posts what came of a request. Answers to other requests than the current one are ignored. */
  answer(requestId: string, answer: Answer): void {
    if (this.#running?.invocation.requestId === requestId) this.#running.answer ??= answer;
  }

  /** The child could not load its handler; it ends by itself. */
  failInit(body: Buffer): void {
    if (this.#running) this.#running.answer ??= { body, functionError: "Unhandled" };
  }

  kill(): void {
    signalGroup(this.#child, "SIGKILL");
  }

  #thaw(deliver: (invocation: Invocation) => void): void {
    const running = this.#running as Running;
    running.delivered = true;
    this.#deliver = undefined;
    this.#startClock(this.#options.spec.timeoutSeconds);
    signalGroup(this.#child, "SIGCONT");
    deliver(running.invocation);
  }

  #startClock(seconds: number): void {
    clearTimeout(this.#clock);
    this.#clock = setTimeout(() => this.#timeOut(), seconds * 1000);
  }

  #timeOut(): void {
    const text = `Task timed out after ${this.#options.spec.timeoutSeconds.toFixed(2)} seconds`;
    if (this.#running) this.#running.answer ??= failure(this.#running.invocation, "Sandbox.Timedout", text);
    this.kill();
  }

  async #checkMemory(): Promise<void> {
    const used = await residentMb(this.pid);
    if (used > this.#options.spec.memoryMb && this.#running) this.kill();
  }

  #ended(resolve: () => void): void {
    this.#reportInitialised(false);
    this.#finish("Runtime.ExitError", exitText(this.#child));
    resolve();
  }

  /** Ends the running invocation, if any: with the runtime's own answer, or with this error if it gave none. */
  #finish(errorType: string, text: string): void {
    const running = this.#running;
    clearTimeout(this.#clock);
    clearInterval(this.#memory);
    this.#running = undefined;
    this.idleSince = performance.now();
    if (!running) return;
    const answer = running.answer ?? failure(running.invocation, errorType, text);
    const billedMs = Math.ceil(performance.now() - running.startedAt);
    running.settle({ ...answer, coldStart: running.coldStart, billedMs });
  }
}
