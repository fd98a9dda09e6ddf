import { mkdirSync, rmSync } from "node:fs";
import { clearLockedPorts } from "get-port";
import { hasScopes } from "../restate/index.ts";
import { readAssembly } from "./assembly/assembly.ts";
import { openData, type PlatformData } from "./data.ts";
import { type Deployed, Deployer } from "./deploy.ts";
import { type Parts, restateLog, startParts } from "./parts.ts";
import type { PlatformOptions } from "./platform-options.ts";
import { choosePorts, freePorts } from "./ports.ts";
import { restateServerVersion } from "./restate/binary.ts";
import { checkDeployed, type RunsInFlight, takeUpRuns } from "./runs-in-flight.ts";
import { Settings } from "./settings.ts";
import { synthesise } from "./synth.ts";

/** A free port may be taken by another process before it is bound. */
const PORT_TRIES = 3;
/** The server first, so that it does not take a stopped function for a failed one. */
const STOP_ORDER = ["restate", "lambda", "sandbox"] as const;

/** The running local platform: restate-server, Lambda host and sandbox. */
export interface Platform {
  ingressUrl: string;
  adminUrl: string;
  lambdaUrl: string;
  sandboxUrl: string;
  pids: { platform: number; restateServer: number };
  /** What runs. */
  parts: Parts;
  /** What became of the runs that an earlier platform left. */
  runs: RunsInFlight;
  /**
   * Synthesises the app again and deploys what has changed since the last time. Deployments run one after another.
   * @returns the new versions.
   * @throws Error when the app does not synthesise or a new version does not start: what ran before goes on.
   */
  deploy(): Promise<Deployed[]>;
  /** Resolves when restate-server ends by itself. */
  failed: Promise<Error>;
  /** Ends all processes and removes the files of `runDir`; `dataDir` is kept. */
  stop(): Promise<void>;
}

/**
 * Starts the whole platform on loopback, deploys what has changed in the synthesised stack since an earlier platform ended,
 * and continues its runs. A taken port is replaced by the next free one, which `onStart` is told.
 * @throws Error when a part does not start, the signal's reason when that aborts; whatever was started is stopped again.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  for (let tries = 1; ; tries++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (tries === PORT_TRIES || !/EADDRINUSE|is taken|Address in use/.test(String(error))) throw error;
      clearLockedPorts();
    }
  }
}

async function startOnce(options: PlatformOptions): Promise<Platform> {
  const running: Partial<Parts> = {};
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  let deploying: Promise<unknown> = Promise.resolve();
  const stop = async () => {
    stopping.abort(new Error("The local platform has stopped."));
    for (const part of STOP_ORDER) await running[part]?.stop();
    // A synthesis that was in progress has written to the platform's files until now.
    await deploying;
    rmSync(options.runDir, { recursive: true, force: true });
  };
  try {
    const { deploy, ...platform } = await start({ ...options, signal }, running);
    const inTurn = () => {
      const deployed = deploying.then(deploy);
      deploying = deployed.catch(() => {});
      return deployed;
    };
    return { ...platform, deploy: inTurn, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: PlatformOptions, running: Partial<Parts>): Promise<Omit<Platform, "stop">> {
  const { onStart, runDir } = options;
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  const data = openData(options.dataDir);
  const ports = await (options.ports === "free" ? freePorts() : choosePorts(onStart.notice));
  onStart.notice("Bundling the functions, and starting restate-server, the Lambda host and the sandbox …");
  const startedAt = new Date();
  const parts = await startParts(options, { data, ports, running });
  const { restate, lambda, sandbox } = parts;
  return {
    ingressUrl: restate.ingressUrl,
    adminUrl: restate.adminUrl,
    lambdaUrl: lambda.url,
    sandboxUrl: sandbox.url,
    pids: { platform: process.pid, restateServer: restate.pid },
    parts: { restate, lambda, sandbox },
    ...(await goOn(options, data, { ...parts, startedAt })),
    failed: restate.exited.then((code) => {
      const how = code === null ? "was killed" : `ended by itself with exit code ${code}`;
      return new Error(`restate-server ${how}. Its log: ${restateLog(options)}`);
    }),
  };
}

/** Deploys the app and takes up the runs that an earlier platform left. */
async function goOn(
  options: PlatformOptions,
  { fingerprints, writtenBy, taken }: PlatformData,
  {
    restate,
    lambda,
    sandbox,
    assembly,
    startedAt,
  }: Awaited<ReturnType<typeof startParts>> & { startedAt: Date },
): Promise<Pick<Platform, "runs" | "deploy">> {
  const { onStart, signal } = options;
  const version = restateServerVersion();
  if (writtenBy !== undefined && writtenBy !== version)
    onStart.notice(`The data was written by restate-server ${writtenBy}; from now on ${version} writes it.`);
  taken();
  const admin = { url: restate.adminUrl };
  const { models, upstreams } = sandbox.environment;
  const settings = new Settings({
    own: options.settings,
    standIns: { ...models, ...upstreams },
    say: onStart.notice,
  });
  const app = settings.applyTo(readAssembly(assembly));
  await checkDeployed({ admin, lambda, app }, fingerprints);
  const deployer = new Deployer({ lambda, admin, scopes: await hasScopes(admin), fingerprints, signal });
  await deployer.deploy(app, onStart);
  const runs = await takeUpRuns({ admin, lambda, app }, startedAt);
  signal.throwIfAborted();
  return {
    runs,
    deploy: async () => deployer.deploy(settings.applyTo(readAssembly(await synthesise(options)))),
  };
}
