import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import getPort, { clearLockedPorts, portNumbers } from "get-port";
import { registerLambda } from "../restate/deployments.ts";
import { hasScopes, limitScopes } from "../restate/scopes.ts";
import { SCOPES } from "../tool/flow-control.ts";
import { LAMBDA_ENDPOINT } from "../tool/lambda-reference.ts";
import { readAssembly } from "./lambda/assembly.ts";
import type { FunctionSpec, Registration } from "./lambda/function.ts";
import { type LambdaHost, startLambdaHost } from "./lambda/host.ts";
import { type RestateServer, startRestateServer } from "./restate/server.ts";
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
  /** The names of the registered services. */
  services: string[];
  /** Resolves when restate-server ends by itself. */
  failed: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts the whole platform on loopback and registers every function of the synthesised stack.
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
  const started: Part[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
    rmSync(options.runDir, { recursive: true, force: true });
  };
  try {
    const parts = await startParts(options, (part) => {
      started.push(part);
      return part;
    });
    return { ...parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Part {
  stop(): Promise<void>;
}

async function startParts(
  options: PlatformOptions,
  keep: <T extends Part>(part: T) => T,
): Promise<Omit<Platform, "stop">> {
  const { onStep, runDir, logDir, signal } = options;
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  const ports = await choosePorts(onStep);
  const lambdaUrl = `http://127.0.0.1:${ports.lambda}`;
  const restateLog = join(logDir, "restate.log");

  onStep("Bundling the functions and starting restate-server and the sandbox …");
  const log = createWriteStream(join(logDir, "functions.log"));
  const sandboxStarting = startSandbox({
    port: ports.sandbox,
    faults: options.faults,
    only: upstreamNames.filter((name) => options.sandbox[isModel(name) ? "models" : "upstreams"]),
  }).then(keep);
  // Each part that starts is kept at once, and all are waited for, so that one that fails leaves none running.
  const starting = [
    sandboxStarting,
    // Before there are functions, so that its port is bound soon after it was found free.
    sandboxStarting
      .then(({ environment: { models, upstreams } }) =>
        startLambdaHost({
          functions: [],
          port: ports.lambda,
          environment: { ...models, ...upstreams, [LAMBDA_ENDPOINT]: lambdaUrl, ...options.environment },
          onLog: ({ function: name, text }) => log.write(`${name} ${text}\n`),
        }),
      )
      .then(keep),
    startRestateServer({
      dataDir: join(runDir, "restate"),
      lambdaUrl,
      ports: { ingress: ports.ingress, admin: ports.admin },
      logFile: restateLog,
    }).then(keep),
    synthesise(options),
  ] as const;
  await Promise.allSettled(starting);
  signal.throwIfAborted();
  const [sandbox, lambda, restate, assembly] = await Promise.all(starting);

  const { functions, registrations } = readAssembly(assembly);
  const scopes = await hasScopes({ url: restate.adminUrl });
  if (scopes) await limitScopes({ url: restate.adminUrl }, concurrencyLimits(functions, registrations));
  for (const spec of functions) lambda.publish(withScopes(spec, scopes));
  onStep(`Registering ${registrations.length} functions …`);
  const services = await register(restate, lambda, registrations);
  signal.throwIfAborted();
  return {
    ingressUrl: restate.ingressUrl,
    adminUrl: restate.adminUrl,
    lambdaUrl: lambda.url,
    sandboxUrl: sandbox.url,
    pids: { platform: process.pid, restateServer: restate.pid },
    services,
    failed: restate.exited.then((code) => {
      const how = code === null ? "was killed" : `ended by itself with exit code ${code}`;
      return new Error(`restate-server ${how}. Its log: ${restateLog}`);
    }),
  };
}

/** Tells a function that asks for it whether the server enforces limits on scopes. */
function withScopes(spec: FunctionSpec, scopes: boolean): FunctionSpec {
  if (!(SCOPES in spec.environment)) return spec;
  return { ...spec, environment: { ...spec.environment, [SCOPES]: scopes ? "on" : "off" } };
}

/** How many calls of each service its function can take at once, where it has a limit of its own. */
function concurrencyLimits(functions: readonly FunctionSpec[], registrations: readonly Registration[]) {
  return new Map(
    registrations.flatMap(({ service, functionName }): [string, number][] => {
      const limit = functions.find(({ name }) => name === functionName)?.reservedConcurrency;
      return service === undefined || limit === undefined ? [] : [[service, limit]];
    }),
  );
}

/** Tools at the same time, agents after them, as in a deployment. */
async function register(
  restate: RestateServer,
  lambda: LambdaHost,
  registrations: readonly Registration[],
): Promise<string[]> {
  const all = (isPrivate: boolean) =>
    Promise.all(
      registrations
        .filter((registration) => registration.private === isPrivate)
        .map(({ functionName }) =>
          registerLambda({ url: restate.adminUrl }, lambda.arn(functionName), { private: isPrivate }).catch(
            (error) => {
              throw explainRegistration(functionName, error);
            },
          ),
        ),
    );
  const deployments = [...(await all(true)), ...(await all(false))];
  return deployments.flatMap(({ services }) => services);
}

/** A function that fails while it is loaded tells Restate, which wraps what it says, its stack included, in its own words. */
function explainRegistration(functionName: string, cause: Error): Error {
  const [, said] = /\\"errorMessage\\":(\\".*?[^\\]\\")[,}]/.exec(cause.message) ?? [];
  if (said === undefined) return cause;
  // JSON inside a JSON string.
  const message: string = JSON.parse(JSON.parse(`"${said}"`));
  return new Error(`Function ${functionName} does not start: ${message}`, { cause });
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
