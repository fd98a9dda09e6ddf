import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterDeath, type LambdaHost, startLambdaHost } from "../../lambda-host/index.ts";
import { type App, Deployer, type RestateServer, startRestateServer } from "../../local/index.ts";
import { type ModelScript, type Sandbox, startSandbox } from "../../sandbox/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../stack/index.ts";
import { type Archive, startArchive } from "./archive.ts";
import agent from "./functions/agent/agent.ts";

const FUNCTIONS = join(import.meta.dirname, "functions");
const MEMORY_MB = 512;
const TIMEOUT_SECONDS = 60;

/** A platform of the demo's own: free ports, a temporary folder, functions that it brings along. */
export interface Stage {
  lambda: LambdaHost;
  sandbox: Sandbox;
  archive: Archive;
  restate: RestateServer;
  /** Kills the server, and starts it again with the same data and ports. */
  crashServer(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error when a part does not start; what had started is stopped again. */
export async function buildStage(model: ModelScript, heldBack: readonly string[]): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-demo-")));
  const keepFolder = afterDeath('rm -rf -- "$1"', folder);
  const parts: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    parts.push(part);
    return part;
  };
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop();
    rmSync(folder, { recursive: true, force: true });
    keepFolder();
  };
  try {
    const archive = keep(await startArchive(heldBack));
    const sandbox = keep(await startSandbox({ only: ["openai", "smtp"], model }));
    const lambda = keep(await startLambdaHost({ functions: [] }));
    const ports = { ingress: await getPort(), admin: await getPort(), node: await getPort() };
    const serve = () =>
      startRestateServer({ dataDir: join(folder, "restate"), lambdaUrl: lambda.url, ports });
    let restate = await serve();
    keep({ stop: () => restate.stop() });
    const { models, upstreams } = sandbox.environment;
    const settings = { ...models, ...upstreams, ARCHIVE_URL: archive.url };
    await new Deployer({ lambda, admin: { url: restate.adminUrl }, scopes: false }).deploy(
      bundleDemo(join(folder, "bundles"), settings),
    );
    const crashServer = async () => {
      process.kill(restate.pid, "SIGKILL");
      await restate.exited;
      restate = await serve();
    };
    return {
      lambda,
      sandbox,
      archive,
      get restate() {
        return restate;
      },
      crashServer,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function bundleDemo(outDir: string, environment: Record<string, string>): App {
  const folders = {
    ...Object.fromEntries(agent.tools.map(({ name }) => [name, name])),
    [agent.name]: "agent",
  };
  const entries = Object.entries(folders).map(([name, folder]) => [
    name,
    join(FUNCTIONS, folder, "handler.ts"),
  ]);
  bundleFunctions(Object.fromEntries(entries), outDir);
  const limits = { memoryMb: MEMORY_MB, timeoutSeconds: TIMEOUT_SECONDS };
  return {
    functions: Object.keys(folders).map((name) => ({
      name,
      codeDir: join(outDir, name),
      handler: BUNDLE_HANDLER,
      ...limits,
      environment,
    })),
    registrations: Object.keys(folders).map((name) => ({
      functionName: name,
      service: name,
      private: name !== agent.name,
    })),
  };
}
