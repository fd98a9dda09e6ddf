import { cpSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_REGION } from "./arn.ts";
import type { Environment, LogLine } from "./environment.ts";
import type { FunctionSpec } from "./function.ts";
import { Pool } from "./pool.ts";

/** The unpublished version, which always is the code that was published last. */
export const LATEST = "$LATEST";

export interface PublishedFunction {
  spec: FunctionSpec;
  version: string;
  pool: Pool;
}

export interface FunctionsOptions {
  /** Folder for the copies of the bundles, outside of any repository. */
  codeRoot: string;
  /** `host:port` of the Runtime API. */
  runtimeApi: string;
  /** Values that replace declared environment variables, and `AWS_LAMBDA_LOG_LEVEL` (default INFO). */
  environment: Record<string, string>;
  onLog?: (line: LogLine) => void;
}

/** The functions of the account, each with its versions side by side. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #versions = new Map<string, Map<string, PublishedFunction>>();

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  /** Copies the bundle and makes it the function's next version, and `$LATEST`. Returns the version: "1", "2", … */
  publish(spec: FunctionSpec): string {
    const versions = this.#versions.get(spec.name) ?? new Map<string, PublishedFunction>();
    versions.get(LATEST)?.pool.retire();
    const version = String(Math.max(1, versions.size));
    const taskRoot = this.#copyCode(spec, version);
    for (const name of [version, LATEST])
      versions.set(name, { spec, version: name, pool: this.#createPool(spec, name, taskRoot) });
    this.#versions.set(spec.name, versions);
    return version;
  }

  get names(): string[] {
    return [...this.#versions.keys()];
  }

  has(name: string): boolean {
    return this.#versions.has(name);
  }

  find(name: string, version = LATEST): PublishedFunction | undefined {
    return this.#versions.get(name)?.get(version);
  }

  /** The number that `publish` returned last for this function. */
  latestVersion(name: string): string | undefined {
    const versions = this.#versions.get(name);
    return versions && String(versions.size - 1);
  }

  get pools(): Pool[] {
    return [...this.#versions.values()].flatMap((versions) => [...versions.values()].map(({ pool }) => pool));
  }

  get environments(): Environment[] {
    return this.pools.flatMap((pool) => [...pool.environments]);
  }

  #copyCode({ name, codeDir }: FunctionSpec, version: string): string {
    if (!statSync(codeDir, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`The code of function ${name} should be a folder: ${codeDir}`);
    const taskRoot = join(this.#options.codeRoot, name, version);
    mkdirSync(taskRoot, { recursive: true });
    cpSync(codeDir, taskRoot, { recursive: true });
    return taskRoot;
  }

  #createPool(spec: FunctionSpec, version: string, taskRoot: string): Pool {
    const { runtimeApi, environment, onLog } = this.#options;
    const declared = Object.entries(spec.environment).map(([name, value]) => [
      name,
      environment[name] ?? value,
    ]);
    const variables = {
      ...Object.fromEntries(declared),
      ...lambdaVariables(spec, version, taskRoot),
      AWS_LAMBDA_LOG_LEVEL: environment.AWS_LAMBDA_LOG_LEVEL ?? "INFO",
    };
    return new Pool({ spec, taskRoot, runtimeApi, variables, ...(onLog && { onLog }) });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables" */
function lambdaVariables(spec: FunctionSpec, version: string, taskRoot: string): Record<string, string> {
  return {
    _HANDLER: spec.handler,
    // A role's credentials are always there on AWS; these open nothing.
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "local",
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    // As the stack sets it for every function.
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[${version}]`,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: "en_US.UTF-8",
    PATH: "/usr/bin:/bin",
    TZ: ":UTC",
  };
}
