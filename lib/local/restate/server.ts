import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import getPort from "get-port";
import { signalGroup, spawnTied } from "../lambda/tied-process.ts";
import { restateServerBinary } from "./binary.ts";
import { restateEnvironment } from "./settings.ts";

/** Usually ready in less than a second; a slow disk or a large journal may need more. */
const READY_MS = 60_000;
const READY_POLL_MS = 20;
/** A stop takes 0.1–0.3 s; after this it is killed. */
const STOP_MS = 10_000;
const LAST_LOG_LINES = 20;

export interface RestateServerOptions {
  /** Journals and state live here and survive a restart. */
  dataDir: string;
  /** Where the Lambda Invoke API is: the Lambda host's `url`. */
  lambdaUrl: string;
  /** Default: free ports. */
  ports?: { ingress?: number; admin?: number; node?: number };
  /** Service protocol v7 (fewer wake-ups of a waiting function). Default: true. The server's data cannot go back. */
  protocolV7?: boolean;
  /** Flow control with scopes; works together with v7 only. Default: true. */
  vqueues?: boolean;
  /** Suspend at every await, over HTTP endpoints as well, so that each one is replayed. Default: false. */
  alwaysReplay?: boolean;
  /** The server's log. Default: `restate.log` in `dataDir`. */
  logFile?: string;
}

export interface RestateServer {
  ingressUrl: string;
  adminUrl: string;
  /** The server's own process. */
  pid: number;
  /** SIGTERM, then SIGKILL if that takes too long. */
  stop(): Promise<void>;
  /** Resolves with the exit code when the server ends; null if a signal ended it. */
  exited: Promise<number | null>;
}

/**
 * Starts the real restate-server on loopback, without telemetry and without anything of this process's environment.
 * Resolves when the admin API and the ingress answer; rejects with the log's last lines if it exits before that.
 */
export async function startRestateServer(options: RestateServerOptions): Promise<RestateServer> {
  const { dataDir, lambdaUrl, protocolV7 = true, vqueues = true, alwaysReplay = false } = options;
  const ports = {
    ingress: options.ports?.ingress ?? (await getPort()),
    admin: options.ports?.admin ?? (await getPort()),
    node: options.ports?.node ?? (await getPort()),
  };
  const logFile = options.logFile ?? join(dataDir, "restate.log");
  mkdirSync(dataDir, { recursive: true });
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "w");
  const child = spawnTied(restateServerBinary(), ["--no-logo"], {
    env: restateEnvironment({
      dataDir,
      lambdaUrl,
      ports,
      protocolV7,
      vqueues: vqueues && protocolV7,
      alwaysReplay,
    }),
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("exit", (code) => resolve(code));
    child.once("error", reject);
  });
  const stop = async () => {
    signalGroup(child, "SIGTERM");
    const killer = setTimeout(() => signalGroup(child, "SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(killer);
  };

  const ingressUrl = `http://127.0.0.1:${ports.ingress}`;
  const adminUrl = `http://127.0.0.1:${ports.admin}`;
  const earlyExit = exited.then((code) => {
    throw new Error(
      `restate-server exited with ${code} while starting. ${logFile} ends with:\n${tail(logFile)}`,
    );
  });
  try {
    await Promise.race([
      allReady([`${adminUrl}/health`, `${ingressUrl}/restate/health`], logFile),
      earlyExit,
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  earlyExit.catch(() => {});
  return { ingressUrl, adminUrl, pid: child.pid as number, stop, exited };
}

async function allReady(urls: string[], logFile: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (const url of urls) {
    while (!(await answers(url))) {
      if (performance.now() > deadline)
        throw new Error(
          `restate-server is not ready after ${READY_MS / 1000} s: ${url} does not answer. ${logFile} ends with:\n${tail(logFile)}`,
        );
      await delay(READY_POLL_MS);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-LAST_LOG_LINES).join("\n");
}
