import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SCOPES } from "../call/index.ts";
import type { LambdaHost } from "../lambda-host/index.ts";
import { type Admin, limitScopes, registerLambda } from "../restate/index.ts";
import { type App, type AppFunction, type Registration, toSpec } from "./app.ts";
import { Fingerprints } from "./fingerprints.ts";
import { during, unobserved } from "./start-observer.ts";

/** A function's new version. */
export interface Deployed {
  /** The Restate service; the function if the app names none. */
  name: string;
  /** Lambda's version: "1", "2", … */
  version: string;
}

interface DeployerOptions {
  lambda: Pick<LambdaHost, "publish" | "arn">;
  admin: Admin;
  /** Whether the server enforces limits on scopes. */
  scopes: boolean;
  /** Of the versions in use. Default: none is in use yet. */
  fingerprints?: Fingerprints;
  /** When it aborts, nothing more is published. */
  signal?: AbortSignal;
}

/** A function whose code or configuration differs from the version in use. */
interface Change {
  fn: AppFunction;
  fingerprint: string;
  registration: Registration | undefined;
}

/**
 * Deploys an app to the Lambda host and to Restate, as often as it changes. Older versions stay: runs that
 * began on them also end on them.
 */
export class Deployer {
  readonly #options: DeployerOptions;
  readonly #inUse: Fingerprints;

  constructor(options: DeployerOptions) {
    this.#options = options;
    this.#inUse = options.fingerprints ?? new Fingerprints();
  }

  /**
   * Gives every function whose code or configuration has changed a new version, and registers it: private services
   * together, public ones after them, as in a deployment on AWS.
   * @param observer sees each of them start. Default: none.
   * @returns the new versions.
   * @throws Error when a new version cannot be used; the previous one stays in use, and the next deployment tries again.
   */
  async deploy({ functions, registrations }: App, observer = unobserved): Promise<Deployed[]> {
    const { admin, scopes } = this.#options;
    const changes = functions
      .map((fn) => toChange(withScopes(fn, scopes), registrations))
      .filter(({ fn, fingerprint }) => this.#inUse.of(fn.name) !== fingerprint);
    if (scopes) await limitScopes(admin, concurrencyLimits(changes));
    if (changes.length > 0) observer.notice(`Starting ${changes.length} functions …`);
    const deployed: Deployed[] = [];
    // Functions that are not services, then tools, then the agents that call them.
    for (const isPrivate of [undefined, true, false]) {
      const stage = changes.filter(({ registration }) => registration?.private === isPrivate);
      deployed.push(...(await all(stage, (change) => during(observer, nameOf(change), this.#put(change)))));
    }
    return deployed;
  }

  async #put(change: Change): Promise<Deployed> {
    const { fn, fingerprint, registration } = change;
    const { lambda, admin, signal } = this.#options;
    signal?.throwIfAborted();
    const version = lambda.publish(toSpec(fn));
    if (registration) {
      await registerLambda(admin, lambda.arn(fn.name, version), registration).catch((error) => {
        throw explainRegistration(fn.name, error);
      });
    }
    this.#inUse.set(fn.name, fingerprint);
    return { name: nameOf(change), version };
  }
}

const nameOf = ({ fn, registration }: Change): string => registration?.service ?? fn.name;

function toChange(fn: AppFunction, registrations: readonly Registration[]): Change {
  const registration = registrations.find(({ functionName }) => functionName === fn.name);
  return { fn, fingerprint: fingerprintOf(fn), registration };
}

/** Equal for functions that are the same to Lambda, wherever their code is. */
function fingerprintOf(fn: AppFunction): string {
  const { codeDir, ...configuration } = toSpec(fn);
  const { settingsDigest } = fn;
  const hash = createHash("sha256").update(JSON.stringify({ ...configuration, settingsDigest }));
  for (const path of readdirSync(codeDir, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(codeDir, path);
    if (statSync(file).isFile()) hash.update(`\0${path}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Each registration changes the server's one list of services. On a busy machine the server gives up on some of 16 at once. */
const MOST_AT_ONCE = 4;

/** Waits for all of them, so that nothing is still running after a failure; then throws the first error. */
async function all<T, Result>(items: readonly T[], work: (item: T) => Promise<Result>): Promise<Result[]> {
  const results: Promise<Result>[] = [];
  const waiting = items.entries();
  const workThrough = async () => {
    for (const [index, item] of waiting) {
      const result = work(item);
      results[index] = result;
      await Promise.allSettled([result]);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, workThrough));
  return Promise.all(results);
}

/** Tells a function that asks for it whether the server enforces limits on scopes. */
function withScopes(fn: AppFunction, scopes: boolean): AppFunction {
  if (!(SCOPES in fn.environment)) return fn;
  return { ...fn, environment: { ...fn.environment, [SCOPES]: scopes ? "on" : "off" } };
}

/** How many calls of each service its function can take at once, for functions with a limit of their own. */
function concurrencyLimits(changes: readonly Change[]): Map<string, number> {
  return new Map(
    changes.flatMap(({ fn: { reservedConcurrency }, registration }): [string, number][] =>
      registration?.service === undefined || reservedConcurrency === undefined
        ? []
        : [[registration.service, reservedConcurrency]],
    ),
  );
}

/** When a function fails to load, Restate wraps its message, including the stack, in a message of its own. */
function explainRegistration(functionName: string, cause: Error): Error {
  const [, said] = /\\"errorMessage\\":(\\".*?[^\\]\\")[,}]/.exec(cause.message) ?? [];
  if (said === undefined) return cause;
  // JSON inside a JSON string.
  const message: string = JSON.parse(JSON.parse(`"${said}"`));
  return new Error(`Function ${functionName} does not start: ${message}`, { cause });
}
