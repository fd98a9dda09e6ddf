import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { functionArn } from "./arn.ts";
import { Concurrency } from "./concurrency.ts";
import { FunctionStore } from "./function-store.ts";
import { invokeApi } from "./invoke-api.ts";
import { Invoker } from "./invoker.ts";
import { answerError } from "./lambda-error.ts";
import { LOOPBACK, listen } from "./listen.ts";
import { managementApi } from "./management/index.ts";
import { reapIdle } from "./reaper.ts";
import { Registry } from "./registry.ts";
import { runtimeApi } from "./runtime-api.ts";
import type { LogLine } from "./runtime-process.ts";
import type { Spec } from "./spec.ts";
import { type Stats, StatsCounter, statsApi } from "./stats.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Memory that a burst of requests has taken is soon given back. */
const REAP_INTERVAL_MS = 1_000;

/** What a {@link startLambdaHost Lambda host} is started with. */
export interface LambdaHostOptions {
  /** Each becomes a function's next version. */
  functions: Spec[];
  /** Where functions are kept, with their versions and code, and those of an earlier host are found. Default: nowhere. */
  dataDir?: string;
  /** Values that replace variables of the functions' specifications, and add none but `AWS_LAMBDA_LOG_LEVEL` (default INFO). */
  environment?: Readonly<Record<string, string>>;
  /**
   * Values for the variables that functions take from the settings, read when a version is made and not written down;
   * `environment` counts before them. Default: none.
   */
  settings?: () => Readonly<Record<string, string>>;
  /** Default: a free port. The host listens on 127.0.0.1 only. */
  port?: number;
  /** Concurrent invocations of all functions together. Default: 1000, as AWS. */
  accountConcurrency?: number;
  /** How much of it functions cannot reserve. Default: 100, as AWS. */
  unreservedMinimum?: number;
  /** Called for each line that a function writes. Default: the lines are dropped. */
  onLog?: (line: LogLine) => void;
}

/** The Lambda service on this machine, while it runs. */
export interface LambdaHost {
  /** What `AWS_ENDPOINT_URL_LAMBDA` has to be. */
  url: string;
  port: number;
  /** The processes of all execution environments. */
  pids(): number[];
  /** The processes of a function's environments that have a request. */
  busy(name: string): number[];
  /** What it counts, for each function, since it was started. */
  stats(): Stats;
  /** Counts from zero again. */
  resetStats(): void;
  /**
   * A function's qualified ARN, as Restate wants it.
   * @param version Default: the newest one.
   * @throws Error if there is no such function or version.
   */
  arn(name: string, version?: string): string;
  /**
   * Adds a version to a function (or a function); the older ones stay.
   * @returns the version: "1", "2", …
   */
  publish(spec: Spec): string;
  /** The qualified ARNs of all published versions. */
  versions(): string[];
  /** Deletes published versions, by their qualified ARNs; a function that has no other one goes with its last. */
  remove(arns: ReadonlySet<string>): void;
  /** Kills the environments, closes the port and removes the copies of the bundles. */
  stop(): Promise<void>;
}

/**
 * Starts a Lambda service of this machine's own on loopback: the Invoke API, with Lambda's semantics for environments,
 * concurrency, time, memory and errors, and the operations that manage functions, versions and concurrency. It checks no
 * signature, and refuses what a web page could have sent. `GET /_stats` and `POST /_stats/reset` are its own addition.
 * @throws Error if the port is taken, a function's code is no folder, or what is in `dataDir` cannot be read.
 */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const { environment = {}, settings, onLog, dataDir } = options;
  const store = dataDir === undefined ? undefined : new FunctionStore(dataDir);
  const kept = store?.read() ?? [];
  // Some clients end the paths of lists with a slash.
  const app = new Hono({ strict: false });
  const { server, port } = await listen(getRequestListener(app.fetch), options.port ?? 0);
  const url = `http://${LOOPBACK}:${port}`;
  // For the copies of bundles.
  const code = temporaryFolder("fanout-lambda-");
  const concurrency = new Concurrency({
    account: options.accountConcurrency,
    unreservedMinimum: options.unreservedMinimum,
  });
  const registry = new Registry({
    codeRoot: code.path,
    runtimeApi: new URL(url).host,
    environment,
    settings,
    concurrency,
    store,
    kept,
    onLog,
  });
  const stats = new StatsCounter(registry.names);
  addRoutes(app, { registry, concurrency, stats });
  const reaper = setInterval(() => reapIdle(registry), REAP_INTERVAL_MS).unref();

  const stop = async () => {
    clearInterval(reaper);
    const closed = new Promise((resolve) => server.close(resolve));
    await registry.stop();
    server.closeAllConnections();
    await closed;
    code.remove();
  };
  const host = { url, port, ...operationsOn(registry, stats), stop };
  try {
    for (const spec of options.functions) host.publish(spec);
  } catch (error) {
    await stop();
    throw error;
  }
  return host;
}

/** An invocation goes from the API by the registry, the concurrency and a pool to an environment, and by the Runtime API back. */
function addRoutes(
  app: Hono,
  { registry, concurrency, stats }: { registry: Registry; concurrency: Concurrency; stats: StatsCounter },
): void {
  app.route("/", invokeApi(registry, new Invoker(concurrency, stats)));
  app.route("/", managementApi(registry, concurrency));
  app.route(
    "/environments",
    runtimeApi((id) => registry.environment(id)),
  );
  app.route("/", statsApi(stats));
  app.onError(answerError);
}

/** What the program that runs the host does with it. */
function operationsOn(registry: Registry, stats: StatsCounter): Omit<LambdaHost, "url" | "port" | "stop"> {
  return {
    pids: () => registry.environments.flatMap(({ alive, pid }) => (alive && pid ? [pid] : [])),
    busy: (name) =>
      registry.environments.flatMap(({ spec, busy, pid }) =>
        spec.name === name && busy && pid ? [pid] : [],
      ),
    stats: () => stats.snapshot(),
    resetStats: () => stats.reset(),
    arn(name, version = registry.get(name)?.newest) {
      if (version && registry.get(name)?.find(version)) return functionArn(name, version);
      throw new Error(
        `Unknown function "${name}${version ? `:${version}` : ""}". Functions: ${registry.names.join(", ")}.`,
      );
    },
    publish(spec) {
      const version = registry.deploy(spec);
      registry.keep();
      stats.add(spec.name);
      return version;
    },
    versions: () => registry.published.map(({ spec, version }) => functionArn(spec.name, version)),
    remove(arns) {
      registry.remove((version) => arns.has(functionArn(version.spec.name, version.version)));
      registry.keep();
    },
  };
}
