import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import getPort from "get-port";
import { afterDeath, type LambdaHost, startLambdaHost } from "../../lambda-host/index.ts";
import { type App, Deployer, type RestateServer, startRestateServer } from "../../local/index.ts";
import { type ModelScript, startSandbox } from "../../sandbox/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../stack/index.ts";
import { type Archive, startArchive } from "./archive.ts";
import agent from "./functions/agent/agent.ts";
import { Mailbox } from "./mailbox.ts";

const FUNCTIONS = join(import.meta.dirname, "functions");
const MEMORY_MB = 512;
const TIMEOUT_SECONDS = 60;

/** The demo's restate-server. */
interface Server {
  /** The process that runs now. */
  readonly now: RestateServer;
  /** Kills it, and starts another with the same data and ports. */
  crash(): Promise<void>;
}

/** The demo's own platform: free ports, a temporary folder, and the functions beside this file. */
export interface Stage {
  lambda: LambdaHost;
  archive: Archive;
  mailbox: Mailbox;
  server: Server;
  stop(): Promise<void>;
}

/** What is stopped with the stage, in reverse order. */
interface Part {
  stop(): Promise<void>;
}

/**
 * @param root the folder whose packages the demo uses.
 * @throws Error when a part does not start; the parts that did are stopped again.
 */
export async function buildStage(
  root: string,
  model: ModelScript,
  heldBack: readonly string[],
): Promise<Stage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-demo-")));
  const keepFolder = afterDeath('rm -rf -- "$1"', folder);
  const parts: Part[] = [];
  const keep = <T extends Part>(part: T): T => {
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
    const mailbox = new Mailbox();
    const sandbox = keep(await startSandbox({ standIns: { send_note: mailbox.standIn }, model }));
    const lambda = keep(await startLambdaHost({ functions: [] }));
    const server = keep(await startServer(join(folder, "restate"), lambda.url));
    const { models, upstreams } = sandbox.environment;
    const demo = bundleDemo(root, join(folder, "bundles"), {
      ...models,
      ...upstreams,
      ARCHIVE_URL: archive.url,
    });
    await new Deployer({ lambda, admin: { url: server.now.adminUrl }, scopes: false }).deploy(demo);
    return { lambda, archive, mailbox, server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServer(dataDir: string, lambdaUrl: string): Promise<Server & Part> {
  const ports = { ingress: await getPort(), admin: await getPort(), node: await getPort() };
  const serve = () => startRestateServer({ dataDir, lambdaUrl, ports });
  let now = await serve();
  return {
    get now() {
      return now;
    },
    async crash() {
      process.kill(now.pid, "SIGKILL");
      await now.exited;
      now = await serve();
    },
    stop: () => now.stop(),
  };
}

function bundleDemo(root: string, outDir: string, environment: Record<string, string>): App {
  const folders = {
    ...Object.fromEntries(agent.tools.map(({ name }) => [name, name])),
    [agent.name]: "agent",
  };
  const entries = Object.entries(folders).map(([name, folder]) => [
    name,
    join(FUNCTIONS, folder, `handler${extname(import.meta.filename)}`),
  ]);
  bundleFunctions(Object.fromEntries(entries), outDir, { root });
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
