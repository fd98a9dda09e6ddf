import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import type { AgentInput, AgentOutput } from "../../lib/agent/index.ts";
import { type Deployed, Deployer, type RestateServer, startRestateServer } from "../../lib/local/index.ts";
import type { Mode } from "../../lib/testing/index.ts";
import { serverSettings } from "../../lib/testing/modes.ts";
import { bundleApp, type Handlers } from "./app.ts";
import { type Bench, startBench } from "./bench.ts";
import { type Reply, replies, type Script } from "./script.ts";

/** The real restate-server, the real bundles of the test's functions in the Lambda host, and a scripted model. */
export interface Cluster extends Pick<Bench, "lambda" | "gate" | "settings" | "log" | "modelRequests"> {
  restate: RestateServer;
  /** Runs the agent with this script. */
  run(...script: Reply[]): Promise<AgentOutput>;
  /** The same, with options of the run. */
  runWith(options: Omit<AgentInput, "message">, ...script: (Reply | Promise<Reply>)[]): Promise<AgentOutput>;
  /** Begins a run and does not wait for it. @returns its id. */
  begin(...script: Reply[]): Promise<string>;
  /** The same, with options of the run. */
  beginWith(options: Omit<AgentInput, "message">, ...script: Reply[]): Promise<string>;
  /** Begins that many runs at the same time; each one's message is its number, from 0. @returns their ids. */
  beginMany(count: number, script: Script): Promise<string[]>;
  /** Waits for a run, even across restarts of the server. */
  outcome(id: string): Promise<AgentOutput>;
  /** Starts over with this script and all counts at zero. */
  use(script: Script): Promise<void>;
  /** Calls a handler through the ingress. */
  call(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }>;
  /** Invocations of the functions since the last run began. */
  invocations(name: string): number;
  /**
   * Kills the server and starts it again with its data.
   * @param whileAway what is to happen before it is started. Default: nothing.
   */
  crashServer(whileAway?: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** A cluster whose functions, too, are the test's own. */
export interface OwnCluster extends Cluster {
  /**
   * Deploys again what has changed, as the local platform does.
   * @param handlers new code for functions. Default: none changes.
   */
  deploy(handlers?: Handlers): Promise<Deployed[]>;
}

export interface ClusterOptions {
  /** The server, not Lambda, enforces the tools' `maxConcurrency`. */
  scopes?: boolean;
  /** Starts without functions: the test registers its own. */
  empty?: boolean;
  /** The functions that the test needs, beside the one that tells of runs: each of them has to start. Default: all. */
  functions?: readonly string[];
  /** What the functions log. Default: INFO and above. */
  logLevel?: string;
  /** Settings that replace the agents' usual ones. */
  settings?: Record<string, string> | ((ingressUrl: string) => Record<string, string>);
  /** Settings of every function beside its usual ones. */
  settingsOfAll?: Record<string, string>;
  /** Puts something between the server and the Lambda host. @returns the URL for the server to use. */
  between?: (lambdaUrl: string) => Promise<string>;
}

/** Starts a cluster on a bench of its own, for a test that does to it what others must not notice. */
export async function startCluster(mode: Mode, options: ClusterOptions = {}): Promise<OwnCluster> {
  const bench = await startBench(options.logLevel);
  const cluster = await startClusterOn(bench, mode, options);
  const { stop } = cluster;
  cluster.stop = async () => {
    await stop();
    await bench.stop();
  };
  return cluster;
}

/** Starts a cluster on a bench that it may share with others. */
export async function startClusterOn(
  bench: Bench,
  mode: Mode,
  options: Omit<ClusterOptions, "logLevel">,
): Promise<OwnCluster> {
  const { lambda, gate, settings, log, modelRequests } = bench;
  const directory = mkdtempSync(join(bench.directory, "cluster-"));
  const lambdaUrl = (await options.between?.(lambda.url)) ?? lambda.url;
  const restate = await startRestateServer({
    dataDir: join(directory, "restate"),
    lambdaUrl,
    ports: { ingress: await getPort(), admin: await getPort(), node: await getPort() },
    ...serverSettings(mode),
  });
  const deployer = new Deployer({
    lambda: bench.versions,
    admin: { url: restate.adminUrl },
    scopes: options.scopes ?? false,
  });
  const deploy: OwnCluster["deploy"] = async (handlers = {}) =>
    deployer.deploy(
      bundleApp(
        bench.directory,
        {
          all: { ...settings, ...options.settingsOfAll },
          ofAgents:
            typeof options.settings === "function" ? options.settings(restate.ingressUrl) : options.settings,
        },
        handlers,
        options.functions,
      ),
    );
  if (!options.empty) await deploy();

  const call = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${restate.ingressUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const use: Cluster["use"] = async (next) => {
    bench.follow(next);
    lambda.resetStats();
  };
  const runWith: Cluster["runWith"] = async (runOptions, ...list) => {
    await use(replies(...list));
    const { status, body } = await call("/restate/call/TestAgent/run", { message: "Go.", ...runOptions });
    if (status !== 200) throw new Error(`the run answered ${status}: ${JSON.stringify(body)}`);
    return body as AgentOutput;
  };
  const send = async (input: AgentInput) => {
    const headers = { "idempotency-key": randomUUID() };
    const { body } = await throughRestarts(() => call("/restate/send/TestAgent/run", input, headers));
    return (body as { invocationId: string }).invocationId;
  };
  const beginWith: Cluster["beginWith"] = async (runOptions, ...list) => {
    await use(replies(...list));
    return send({ message: "Go.", ...runOptions });
  };
  return {
    restate,
    crashServer: (whileAway) => restate.crash(whileAway),
    deploy,
    lambda,
    gate,
    settings,
    log,
    modelRequests,
    call,
    use,
    run: (...list) => runWith({}, ...list),
    runWith,
    begin: (...list) => beginWith({}, ...list),
    beginWith,
    async beginMany(count, script) {
      await use(script);
      return Promise.all(Array.from({ length: count }, (_, number) => send({ message: String(number) })));
    },
    outcome: (id) =>
      throughRestarts(async () => {
        const response = await fetch(`${restate.ingressUrl}/restate/attach/${id}`);
        const body = await response.json();
        if (!response.ok) throw new Error(`the run answered ${response.status}: ${JSON.stringify(body)}`);
        return body as AgentOutput;
      }),
    invocations: (name) => lambda.stats().functions[name]?.invocations ?? 0,
    stop: () => restate.stop(),
  };
}

/** Repeats a request while its connection breaks, for as long as a server takes to come back. */
export async function throughRestarts<T>(request: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof TypeError) || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
