import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import getPort, { clearLockedPorts, portNumbers } from "get-port";
import { hasScopes } from "../restate/scopes.ts";
import { LAMBDA_ENDPOINT } from "../tool/lambda-reference.ts";
import { BEGIN_ANEW, openData, type PlatformData } from "./data.ts";
import { type Deployed, Deployer } from "./deploy.ts";
import { readAssembly } from "./lambda/assembly.ts";
import { startLambdaHost } from "./lambda/host.ts";
import { restateServerVersion } from "./restate/binary.ts";
import { type RestateServer, type RestateServerOptions, startRestateServer } from "./restate/server.ts";
import { checkDeployed, type RunsInFlight, takeUpRuns } from "./runs-in-flight.ts";
import { type Fault, isModel, startSandbox, type UpstreamName, upstreamNames } from "./sandbox/index.ts";
import { synthesise } from "./synth.ts";

/** The ports that people know from Restate, and ours beside them. */
const PORTS = { ingress: 8080, admin: 9070, lambda: 9001, sandbox: 9002 };
/** How many ports above a taken one are tried. */
const PORT_RANGE = 100;
/** A port that was free may be taken by somebody else before it is bound. */
const PORT_TRIES = 3;

export interface PlatformOptions {
  /** The project's folder. */
  root: string;
  /** The platform's own files; emptied at the start, removed at the end. */
  runDir: string;
  /** What outlives the platform: runs, state, and the functions' versions. Another one goes on from there. */
  dataDir: string;
  /** The logs stay, for whoever looks for what went wrong. */
  logDir: string;
  /** Replaces the agents' own model. */
  model: string | undefined;
  /** Which of the outside world the sandbox stands in for. */
  sandbox: { models: boolean; upstreams: boolean };
  /** Values for the functions' declared variables and secrets; they win over the sandbox's. */
  environment: Readonly<Record<string, string>>;
  faults: Partial<Record<UpstreamName, Partial<Fault>>>;
  /** Called with each step in a person's words. */
  onStep: (text: string) => void;
  /** Ends a start that is going on. */
  signal: AbortSignal;
}

/** The running local platform: restate-server, Lambda host and sandbox. */
export interface Platform {
  ingressUrl: string;
  adminUrl: string;
  lambdaUrl: string;
  sandboxUrl: string;
  pids: { platform: number; restateServer: number };
  /** What became of the runs that an earlier platform left. */
  runs: RunsInFlight;
  /**
   * Synthesises the app anew and deploys what has changed since the last time, one deployment after the other.
   * @returns the new versions.
   * @throws Error when the app does not synthesise or a new version does not start: what ran before goes on.
   */
  deploy(): Promise<Deployed[]>;
  /** Resolves when restate-server ends by itself. */
  failed: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts the whole platform on loopback, deploys what has changed of the synthesised stack since an earlier one ended, and
 * goes on with its runs.
 * A taken port is replaced by the next free one, which `onStep` says.
 * @throws Error when a part does not start, the signal's reason when that aborts; everything that had started is stopped again.
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
  const started = new Map<PartName, Part>();
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  let deploying: Promise<unknown> = Promise.resolve();
  const stop = async () => {
    stopping.abort(new Error("The local platform has stopped."));
    for (const name of STOP_ORDER) await started.get(name)?.stop();
    started.clear();
    // A synthesis that was going on has written to the platform's files until now.
    await deploying;
    rmSync(options.runDir, { recursive: true, force: true });
  };
  try {
    const { deploy, ...parts } = await startParts({ ...options, signal }, (name, part) => {
      started.set(name, part);
      return part;
    });
    const inTurn = () => {
      const deployed = deploying.then(deploy);
      deploying = deployed.catch(() => {});
      return deployed;
    };
    return { ...parts, deploy: inTurn, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Part {
  stop(): Promise<void>;
}

/** The server first, so that it sees no function fail that is only stopped. */
const STOP_ORDER = ["restate-server", "Lambda host", "sandbox"] as const;
type PartName = (typeof STOP_ORDER)[number];

async function startParts(
  options: PlatformOptions,
  keep: <T extends Part>(name: PartName, part: T) => T,
): Promise<Omit<Platform, "stop">> {
  const { onStep, runDir, logDir, signal } = options;
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  const data = openData(options.dataDir);
  const ports = await choosePorts(onStep);
  const lambdaUrl = `http://127.0.0.1:${ports.lambda}`;
  const restateLog = join(logDir, "restate.log");

  onStep("Bundling the functions and starting restate-server and the sandbox …");
  const log = createWriteStream(join(logDir, "functions.log"));
  const sandboxStarting = startSandbox({
    port: ports.sandbox,
    faults: options.faults,
    only: upstreamNames.filter((name) => options.sandbox[isModel(name) ? "models" : "upstreams"]),
  }).then((sandbox) => keep("sandbox", sandbox));
  // Each part that starts is kept at once, and all are waited for, so that one that fails leaves none running.
  const starting = [
    sandboxStarting,
    // Before there are functions, so that its port is bound soon after it was found free.
    sandboxStarting
      .then(({ environment: { models, upstreams } }) =>
        startLambdaHost({
          functions: [],
          dataDir: data.lambda,
          port: ports.lambda,
          environment: { ...models, ...upstreams, [LAMBDA_ENDPOINT]: lambdaUrl, ...options.environment },
          onLog: ({ function: name, text }) => log.write(`${name} ${text}\n`),
        }),
      )
      .then((lambda) => keep("Lambda host", lambda)),
    startServer(data, {
      lambdaUrl,
      ports: { ingress: ports.ingress, admin: ports.admin },
      logFile: restateLog,
    }).then((restate) => keep("restate-server", restate)),
    synthesise(options),
  ] as const;
  await Promise.allSettled(starting);
  signal.throwIfAborted();
  const [sandbox, lambda, restate, assembly] = await Promise.all(starting);

  const admin = { url: restate.adminUrl };
  const { fingerprints, writtenBy = restateServerVersion() } = data;
  if (writtenBy !== restateServerVersion())
    onStep(
      `The data was written by restate-server ${writtenBy}; from now on it is ${restateServerVersion()}'s.`,
    );
  data.taken();
  const deployer = new Deployer({ lambda, admin, scopes: await hasScopes(admin), fingerprints, signal });
  const app = readAssembly(assembly);
  await checkDeployed({ admin, lambda, app }, fingerprints);
  onStep(`Registering ${app.registrations.length} functions …`);
  await deployer.deploy(app);
  const runs = await takeUpRuns({ admin, lambda, app });
  signal.throwIfAborted();
  return {
    ingressUrl: restate.ingressUrl,
    adminUrl: admin.url,
    lambdaUrl: lambda.url,
    sandboxUrl: sandbox.url,
    pids: { platform: process.pid, restateServer: restate.pid },
    runs,
    deploy: async () => deployer.deploy(readAssembly(await synthesise(options))),
    failed: restate.exited.then((code) => {
      const how = code === null ? "was killed" : `ended by itself with exit code ${code}`;
      return new Error(`restate-server ${how}. Its log: ${restateLog}`);
    }),
  };
}

/** Says of data that may be why the server does not start what can be done about it. */
async function startServer(
  { restate: dataDir, writtenBy }: PlatformData,
  options: Omit<RestateServerOptions, "dataDir">,
): Promise<RestateServer> {
  return startRestateServer({ ...options, dataDir }).catch((cause: Error) => {
    if (writtenBy === undefined) throw cause;
    const versions = `Its data was written by restate-server ${writtenBy}; this is ${restateServerVersion()}.`;
    throw new Error(`${cause.message}\n${versions}\n${BEGIN_ANEW}`, { cause });
  });
}

async function choosePorts(onStep: (text: string) => void): Promise<typeof PORTS> {
  const ports = { ...PORTS };
  for (const name of Object.keys(PORTS) as (keyof typeof PORTS)[]) {
    const wanted = PORTS[name];
    ports[name] = await getPort({ host: "127.0.0.1", port: portNumbers(wanted, wanted + PORT_RANGE) });
    if (ports[name] !== wanted) onStep(`Port ${wanted} is taken; ${name} uses ${ports[name]} instead.`);
  }
  return ports;
}
