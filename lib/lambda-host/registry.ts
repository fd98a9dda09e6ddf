import { join } from "node:path";
import type { Code } from "./code.ts";
import type { Concurrency } from "./concurrency.ts";
import { environmentVariables } from "./environment-variables.ts";
import type { Environment } from "./execution-environment.ts";
import { type FunctionRecord, toHistory, toRecord } from "./function-record.ts";
import type { FunctionStore } from "./function-store.ts";
import { LambdaFunction } from "./lambda-function.ts";
import { Pool } from "./pool.ts";
import type { LogLine } from "./runtime-process.ts";
import type { Spec } from "./spec.ts";
import { StartGate } from "./start-gate.ts";
import { LATEST, type Version } from "./version.ts";

interface RegistryOptions {
  /** Folder for the copies of the bundles, outside of any repository. */
  codeRoot: string;
  /** `host:port` of the Runtime API. */
  runtimeApi: string;
  /** Values that replace variables of any function, and `AWS_LAMBDA_LOG_LEVEL` (default INFO). */
  environment: Readonly<Record<string, string>>;
  /** Values for the variables that functions take from the settings, read when a version is made. Default: none. */
  settings?: (() => Readonly<Record<string, string>>) | undefined;
  concurrency: Concurrency;
  /** Where functions are kept. Default: nowhere. */
  store?: FunctionStore | undefined;
  /** Those of an earlier host, in that store. Default: none. */
  kept?: readonly FunctionRecord[];
  onLog?: ((line: LogLine) => void) | undefined;
}

/** The functions of the account. */
export class Registry {
  readonly #options: RegistryOptions;
  /** Deleted ones stay, without versions: their numbers are not given again. */
  readonly #functions = new Map<string, LambdaFunction>();
  /** Of all versions, deleted ones with a request that still runs included. */
  readonly #environments = new Map<string, Environment>();
  readonly #gate = new StartGate();

  constructor(options: RegistryOptions) {
    this.#options = options;
    for (const record of options.kept ?? []) this.#restore(record);
  }

  /** Keeps the functions as they are now, where they are kept at all. */
  keep(): void {
    const { store, codeRoot, concurrency } = this.#options;
    const functions = [...this.#functions.values()];
    store?.write(
      functions.map((fn) => toRecord(fn, concurrency.reserved(fn.name))),
      codeRoot,
    );
  }

  /**
   * Adds a version to a function, or a function, with its reserved and the version's provisioned concurrency.
   * @returns the version: "1", "2", …
   * @throws LambdaError if the account does not have that much; Error if the code is no folder.
   */
  deploy(spec: Spec): string {
    this.#options.concurrency.reserve(spec.name, spec.reservedConcurrency);
    const version = (this.#functions.get(spec.name) ?? this.#add(spec.name)).deploy(spec);
    if (spec.provisionedConcurrency) this.provision(version, spec.provisionedConcurrency);
    return version.version;
  }

  /**
   * Sets a version's provisioned concurrency; 0 removes it.
   * @throws LambdaError if the function or the account does not have that much.
   */
  provision({ spec, version, pool }: Version, count: number): void {
    this.#options.concurrency.provision(spec.name, version, count);
    pool.provision(count);
  }

  /** Deletes a function with all its versions and its concurrency. */
  delete(name: string): void {
    this.#functions.get(name)?.deleteAll();
    this.#options.concurrency.forget(name);
  }

  /** Deletes these published versions, and functions that have no other ones. */
  remove(isUnneeded: (version: Version) => boolean): void {
    for (const version of this.published.filter(isUnneeded)) {
      const { name } = version.spec;
      if (version.pool.provisioned) this.provision(version, 0);
      this.#functions.get(name)?.deleteVersion(version.version);
      if (this.#functions.get(name)?.newest === undefined) this.delete(name);
    }
  }

  /** All functions, by name. */
  get all(): LambdaFunction[] {
    const existing = [...this.#functions.values()].filter((fn) => fn.find());
    return existing.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get names(): string[] {
    return this.all.map(({ name }) => name);
  }

  get(name: string): LambdaFunction | undefined {
    const fn = this.#functions.get(name);
    return fn?.find() && fn;
  }

  get versions(): Version[] {
    return this.all.flatMap(({ versions }) => versions);
  }

  /** Those versions that have a number. */
  get published(): Version[] {
    return this.versions.filter(({ version }) => version !== LATEST);
  }

  get pools(): Pool[] {
    return this.versions.map(({ pool }) => pool);
  }

  get environments(): Environment[] {
    return [...this.#environments.values()];
  }

  environment(id: string): Environment | undefined {
    return this.#environments.get(id);
  }

  /** Kills every environment; resolves when all of them are gone. */
  async stop(): Promise<void> {
    this.#gate.close();
    for (const pool of this.pools) pool.retire();
    for (const environment of this.environments) environment.kill();
    await Promise.all(this.environments.map(({ exited }) => exited));
  }

  #add(name: string): LambdaFunction {
    const codeRoot = join(this.#options.codeRoot, name);
    const fn = new LambdaFunction(name, codeRoot, (...of) => this.#createPool(...of));
    this.#functions.set(name, fn);
    return fn;
  }

  #restore(record: FunctionRecord): void {
    const { store, codeRoot, concurrency } = this.#options;
    const { name, reserved, versions } = record;
    store?.checkOut(record, join(codeRoot, name));
    const fn = this.#add(name);
    fn.goOnFrom(toHistory(record, join(codeRoot, name)));
    concurrency.reserve(name, reserved);
    for (const { version, provisioned } of versions) {
      const found = fn.find(version);
      if (found && provisioned) this.provision(found, provisioned);
    }
  }

  #createPool(spec: Spec, version: string, { taskRoot }: Code): Pool {
    const { runtimeApi, environment, settings = () => ({}), onLog } = this.#options;
    const variables = environmentVariables(spec, version, taskRoot, { environment, settings: settings() });
    const onStart = (started: Environment) => this.#track(started);
    return new Pool({ spec, taskRoot, runtimeApi, variables, onLog, gate: this.#gate, onStart });
  }

  #track(environment: Environment): void {
    this.#environments.set(environment.id, environment);
    void environment.exited.then(() => this.#environments.delete(environment.id));
  }
}
