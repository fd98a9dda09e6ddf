import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import getPort from "get-port";
import { signalGroup, spawnTied } from "../../lambda-host/index.ts";
import { restateServerBinary } from "./binary.ts";
import { whenReady } from "./ready.ts";
import { restateEnvironment } from "./server-environment.ts";

/** A stop takes 0.1–0.3 s; after this time the server is killed. */
const STOP_MS = 10_000;
const LAST_LOG_LINES = 20;
const PORT_TRIES = 3;

interface RestateServerOptions {
  /** Journals and state live here and survive a restart. */
  dataDir: string;
  /** Where the Lambda Invoke API is: the Lambda host's `url`. */
  lambdaUrl: string;
  /** Default: free ports. */
  ports?: { ingress?: number; admin?: number; node?: number };
  /** Service protocol v7 (fewer wake-ups of a waiting function). Default: true. The server's data cannot go back. */
  protocolV7?: boolean;
  /** Flow control with scopes; works only with v7. Default: true. */
  vqueues?: boolean;
  /** Suspend at every await, over HTTP endpoints as well, so that each one is replayed. Default: false. */
  alwaysReplay?: boolean;
  /** The server's log. Default: `restate.log` in `dataDir`. */
  logFile?: string;
}

/** A restate-server on loopback, while it runs. */
export interface RestateServer {
  ingressUrl: string;
  adminUrl: string;
  /** The server's own process. */
  readonly pid: number;
  /** SIGTERM, then SIGKILL if that takes too long. */
  stop(): Promise<void>;
  /**
   * Kills the server, and starts it again on its ports with its data; one that is away already only comes back.
   * @param whileAway what is to happen before it is started. Default: nothing.
   */
  crash(whileAway?: () => Promise<unknown>): Promise<void>;
  /** Resolves with the exit code when the server ends, but for a `crash`; null if a signal ended it. */
  exited: Promise<number | null>;
}

/**
 * Starts the real restate-server on loopback, without telemetry and without this process's environment.
 * Resolves when the admin API, its queries and the ingress answer.
 * @throws Error if a given port is taken, or with the log's last lines if the server exits before it is ready.
 */
export async function startRestateServer(options: RestateServerOptions): Promise<RestateServer> {
  const { ports, server } = await startOnFreePorts(options);
  let running = server;
  let comingBack: Promise<void> | undefined;
  const ended = Promise.withResolvers<number | null>();
  const follow = ({ exited }: ServerProcess) =>
    exited.then((code) => comingBack ?? ended.resolve(code), ended.reject);
  const comeBack = async (whileAway?: () => Promise<unknown>) => {
    await running.exited;
    await whileAway?.();
    running = await startOnce(options, ports);
    comingBack = undefined;
    follow(running);
  };
  follow(running);
  return {
    ...urlsOf(ports),
    get pid() {
      return running.pid;
    },
    async stop() {
      // Otherwise it would come back after its end.
      await comingBack?.catch(() => {});
      await running.stop();
    },
    async crash(whileAway) {
      if (!comingBack) {
        process.kill(running.pid, "SIGKILL");
        comingBack = comeBack(whileAway);
      }
      await comingBack;
    },
    exited: ended.promise,
  };
}

const urlsOf = ({ ingress, admin }: Ports) => ({
  ingressUrl: `http://127.0.0.1:${ingress}`,
  adminUrl: `http://127.0.0.1:${admin}`,
});

async function startOnFreePorts(
  options: RestateServerOptions,
): Promise<{ ports: Ports; server: ServerProcess }> {
  await checkFree(Object.values(options.ports ?? {}));
  for (let tries = 1; ; tries++) {
    const ports = {
      ingress: options.ports?.ingress ?? (await getPort()),
      admin: options.ports?.admin ?? (await getPort()),
      node: options.ports?.node ?? (await getPort()),
    };
    try {
      return { ports, server: await startOnce(options, ports) };
    } catch (error) {
      // A free port may be taken by another process before the server binds it.
      if (tries === PORT_TRIES || !String(error).includes("Address in use")) throw error;
    }
  }
}

interface Ports {
  ingress: number;
  admin: number;
  node: number;
}

/** One start of the server. */
interface ServerProcess {
  pid: number;
  stop(): Promise<void>;
  exited: Promise<number | null>;
}

async function startOnce(options: RestateServerOptions, ports: Ports): Promise<ServerProcess> {
  const logFile = options.logFile ?? join(options.dataDir, "restate.log");
  const child = spawnServer(environmentOf(options, ports), logFile);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
  const stop = async () => {
    signalGroup(child, "SIGTERM");
    const killer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MS);
    await exited.finally(() => clearTimeout(killer));
  };

  const started = new AbortController();
  const ready = whenReady(urlsOf(ports), started.signal);
  const exit = exited.then((code) => `exited with ${code} while starting`);
  const outcome = await Promise.race([ready, exit]).finally(() => started.abort());
  if (outcome === "ready") return { pid: child.pid as number, stop, exited };
  await stop();
  throw new Error(`restate-server ${outcome}. ${logFile} ends with:\n${tail(logFile)}`);
}

/** The server's environment, with an empty temporary folder. */
function environmentOf(
  { dataDir, lambdaUrl, protocolV7 = true, vqueues = true, alwaysReplay = false }: RestateServerOptions,
  ports: Ports,
): Record<string, string> {
  const temporary = join(dataDir, "tmp");
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  return restateEnvironment({
    dataDir,
    temporary,
    lambdaUrl,
    ports,
    protocolV7,
    vqueues: vqueues && protocolV7,
    alwaysReplay,
  });
}

function spawnServer(env: Record<string, string>, logFile: string): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "w");
  try {
    return spawnTied(restateServerBinary(), ["--no-logo"], { env, stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}

/** Another server on the same port would answer in place of ours, so this cannot be left to the server itself. */
async function checkFree(ports: (number | undefined)[]): Promise<void> {
  for (const port of ports) {
    if (port === undefined) continue;
    const probe = createServer();
    await new Promise<void>((resolve, reject) => {
      probe.once("error", (cause) => reject(new Error(`Port ${port} is taken.`, { cause })));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
    });
  }
}

function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-LAST_LOG_LINES).join("\n");
}
