import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SCOPES } from "../call/index.ts";
import type { FunctionSpec, Registration } from "../lambda-host/function.ts";
import type { LambdaHost } from "../lambda-host/host.ts";
import { type Admin, limitScopes, registerLambda } from "../restate/index.ts";
import { Fingerprints } from "./fingerprints.ts";
import { during, unobserved } from "./start-observer.ts";

/** What is deployed: functions, and which of them are Restate services. */
export interface App {
  functions: readonly FunctionSpec[];
  registrations: readonly Registration[];
}

/** A function's new version. */
export interface Deployed {
  /** The Restate service; where the app names none, the function. */
  name: string;
  /** Lambda's version: "1", "2", … */
  version: string;
}

export interface DeployerOptions {
  lambda: Pick<LambdaHost, "publish" | "arn">;
  admin: Admin;
  /** Whether the server enforces limits on scopes. */
  scopes: boolean;
  /** Those of the versions in use. Default: none is in use yet. */
  fingerprints?: Fingerprints;
  /** When it aborts, nothing more is published. */
  signal?: AbortSignal;
}

/** A function whose code or configuration differs from the version in use. */
interface Change {
  spec: FunctionSpec;
  fingerprint: string;
  registration: Registration | undefined;
}

/**
 * Deploys an app to the Lambda host and to Restate, as often as it changes. Older versions stay where they are: runs that
 * began on them end on them.
 */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #inUse: Fingerprints;

  constructor(options: DeployerOptions) {
    this.#options = options;
    this.#inUse = options.fingerprints ?? new Fingerprints();
  }

  /**
   * Gives every function whose code or configuration has changed a new version, and registers it: private services at
   * the same time, public ones after them, as in a deployment on AWS.
   * @param observer sees each of them start. Default: nobody does.
   * @returns the new versions.
   * @throws Error when a new version cannot be used; the one before it stays in use, and the next time tries again.
   */
  async deploy({ functions, registrations }: App, observer = unobserved): Promise<Deployed[]> {
    const { admin, scopes } = this.#options;
    const changes = functions
      .map((spec) => toChange(withScopes(spec, scopes), registrations))
      .filter(({ spec, fingerprint }) => this.#inUse.of(spec.name) !== fingerprint);
    if (scopes) await limitScopes(admin, concurrencyLimits(changes));
    if (changes.length > 0) observer.notice(`Starting ${changes.length} functions …`);
    const deployed: Deployed[] = [];
    // Functions that are no services, then tools, then the agents that call them.
    for (const isPrivate of [undefined, true, false]) {
      const stage = changes.filter(({ registration }) => registration?.private === isPrivate);
      deployed.push(
        ...(await all(stage.map((change) => during(observer, nameOf(change), this.#put(change))))),
      );
    }
    return deployed;
  }

  async #put(change: Change): Promise<Deployed> {
    const { spec, fingerprint, registration } = change;
    const { lambda, admin, signal } = this.#options;
    signal?.throwIfAborted();
    const version = lambda.publish(spec);
    if (registration) {
      await registerLambda(admin, lambda.arn(spec.name, version), registration).catch((error) => {
        throw explainRegistration(spec.name, error);
      });
    }
    this.#inUse.set(spec.name, fingerprint);
    return { name: nameOf(change), version };
  }
}

const nameOf = ({ spec, registration }: Change): string => registration?.service ?? spec.name;

function toChange(spec: FunctionSpec, registrations: readonly Registration[]): Change {
  const registration = registrations.find(({ functionName }) => functionName === spec.name);
  return { spec, fingerprint: fingerprintOf(spec), registration };
}

/** Says whether two specifications are the same to Lambda, wherever their code lies. */
function fingerprintOf({ codeDir, ...configuration }: FunctionSpec): string {
  const hash = createHash("sha256").update(JSON.stringify(configuration));
  for (const path of readdirSync(codeDir, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(codeDir, path);
    if (statSync(file).isFile()) hash.update(`\0${path}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Waits for all of them, so that a failure leaves nothing going on; then throws the first one's error. */
async function all<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** Tells a function that asks for it whether the server enforces limits on scopes. */
function withScopes(spec: FunctionSpec, scopes: boolean): FunctionSpec {
  if (!(SCOPES in spec.environment)) return spec;
  return { ...spec, environment: { ...spec.environment, [SCOPES]: scopes ? "on" : "off" } };
}

/** How many calls of each service its function can take at once, where it has a limit of its own. */
function concurrencyLimits(changes: readonly Change[]): Map<string, number> {
  return new Map(
    changes.flatMap(({ spec: { reservedConcurrency }, registration }): [string, number][] =>
      registration?.service === undefined || reservedConcurrency === undefined
        ? []
        : [[registration.service, reservedConcurrency]],
    ),
  );
}

/** A function that fails while it is loaded tells Restate, which wraps what it says, its stack included, in its own words. */
function explainRegistration(functionName: string, cause: Error): Error {
  const [, said] = /\\"errorMessage\\":(\\".*?[^\\]\\")[,}]/.exec(cause.message) ?? [];
  if (said === undefined) return cause;
  // JSON inside a JSON string.
  const message: string = JSON.parse(JSON.parse(`"${said}"`));
  return new Error(`Function ${functionName} does not start: ${message}`, { cause });
}
