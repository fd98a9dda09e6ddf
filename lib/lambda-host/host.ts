import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterDeath } from "./after-death.ts";
import { functionArn } from "./arn.ts";
import { Concurrency } from "./concurrency.ts";
import type { LogLine } from "./environment.ts";
import type { FunctionSpec } from "./function.ts";
import { FunctionStore } from "./function-store.ts";
import { Functions } from "./functions.ts";
import { guarded } from "./guard.ts";
import { invokeApi } from "./invoke-api.ts";
import { Invoker } from "./invoker.ts";
import { answerError } from "./lambda-error.ts";
import { managementApi } from "./management/index.ts";
import { reapIdle } from "./reaper.ts";
import { runtimeApi } from "./runtime-api.ts";
import { type Stats, StatsCounter } from "./stats.ts";

const LOOPBACK = "127.0.0.1";
const REAP_INTERVAL_MS = 5_000;

export interface LambdaHostOptions {
  /** Each becomes a function's next version. */
  functions: FunctionSpec[];
  /** Where functions are kept, with their versions and code, and those of an earlier host are found. Default: nowhere. */
  dataDir?: string;
  /** Values that replace environment variables; a function gets only those that it declares. */
  environment?: Record<string, string>;
  /** A person's values for what functions declare, read when a version is made; `environment` counts before them. */
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

export interface LambdaHost {
  /** What `AWS_ENDPOINT_URL_LAMBDA` has to be. */
  url: string;
  port: number;
  /** The processes of all execution environments. */
  pids(): number[];
  /** The processes of a function's environments that have a request. */
  busy(name: string): number[];
  stats(): Stats;
  /** A function's qualified ARN, as Restate wants it: of this version, or of the newest one. Throws if there is none. */
  arn(name: string, version?: string): string;
  /** Adds a version to a function (or a function); the older ones stay. Returns the version. */
  publish(spec: FunctionSpec): string;
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
 * Rejects if the port is taken or a function's code is no folder.
 */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const { environment = {}, settings, onLog, dataDir } = options;
  const store = dataDir === undefined ? undefined : new FunctionStore(dataDir);
  const kept = store?.read() ?? [];
  // Some clients end the paths of lists with a slash.
  const app = new Hono({ strict: false });
  const server = createServer(guarded(getRequestListener(app.fetch)));
  // A frozen environment keeps its connection open without a word for as long as it is frozen.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  const port = await listen(server, options.port ?? 0);

  const codeRoot = realpathSync(mkdtempSync(join(tmpdir(), "fanout-lambda-")));
  const keepCode = afterDeath('rm -rf -- "$1"', codeRoot);
  const concurrency = new Concurrency({
    account: options.accountConcurrency,
    unreservedMinimum: options.unreservedMinimum,
  });
  const functions = new Functions({
    codeRoot,
    runtimeApi: `${LOOPBACK}:${port}`,
    environment,
    concurrency,
    kept,
    ...(settings && { settings }),
    ...(store && { store }),
    ...(onLog && { onLog }),
  });
  const stats = new StatsCounter();
  for (const name of functions.names) stats.add(name);
  const reaper = setInterval(() => reapIdle(functions), REAP_INTERVAL_MS).unref();

  app.route("/", invokeApi(functions, new Invoker(concurrency, stats)));
  app.route("/", managementApi(functions, concurrency));
  app.route(
    "/environments",
    runtimeApi((id) => functions.environment(id)),
  );
  app.onError(answerError);
  app.get("/_stats", (c) => c.json(stats.snapshot()));
  app.post("/_stats/reset", (c) => {
    stats.reset();
    return c.json(stats.snapshot());
  });

  const publish = (spec: FunctionSpec) => {
    const version = functions.deploy(spec);
    functions.keep();
    stats.add(spec.name);
    return version;
  };
  const stop = async () => {
    clearInterval(reaper);
    const closed = new Promise((resolve) => server.close(resolve));
    await functions.stop();
    server.closeAllConnections();
    await closed;
    rmSync(codeRoot, { recursive: true, force: true });
    keepCode();
  };
  try {
    for (const spec of options.functions) publish(spec);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://${LOOPBACK}:${port}`,
    port,
    pids: () => functions.environments.flatMap(({ alive, pid }) => (alive && pid ? [pid] : [])),
    busy: (name) =>
      functions.environments.flatMap(({ spec, busy, pid }) =>
        spec.name === name && busy && pid ? [pid] : [],
      ),
    stats: () => stats.snapshot(),
    arn: (name, version = functions.get(name)?.newest) => {
      if (version && functions.get(name)?.find(version)) return functionArn(name, version);
      throw new Error(
        `Unknown function "${name}${version ? `:${version}` : ""}". Functions: ${functions.names.join(", ")}.`,
      );
    },
    publish,
    versions: () => functions.published.map(({ spec, version }) => functionArn(spec.name, version)),
    remove(arns) {
      functions.remove((version) => arns.has(functionArn(version.spec.name, version.version)));
      functions.keep();
    },
    stop,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
