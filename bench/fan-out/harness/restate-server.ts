import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { signalGroup, spawnTied } from "../../../lib/lambda-host/index.ts";
import { setting } from "./setting.ts";

const READY_MS = 60_000;

/** A restate-server with what a contestant needs of it. */
export interface Server {
  ingressUrl: string;
  adminUrl: string;
  stop(): Promise<void>;
}

/** Starts a restate-server of one node with its default settings, but for its addresses, its log's level and protocol v7. */
export async function startDefaultServer(lambdaUrl: string): Promise<Server> {
  const [ingress, admin, node] = [await getPort(), await getPort(), await getPort()];
  const directory = setting("DIRECTORY");
  const log = openSync(join(directory, "restate.log"), "w");
  const server = spawnTied(binary(), ["--no-logo"], {
    cwd: directory,
    stdio: ["ignore", log, log],
    env: {
      RESTATE_BASE_DIR: join(directory, "restate"),
      RESTATE_EXPERIMENTAL_ENABLE_PROTOCOL_V7: "true",
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_IP: "127.0.0.1",
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "warn",
      AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    },
  });
  closeSync(log);
  const ingressUrl = `http://127.0.0.1:${ingress}`;
  const adminUrl = `http://127.0.0.1:${admin}`;
  await untilOk(`${adminUrl}/health`);
  await untilOk(`${ingressUrl}/restate/health`);
  const stop = async () => {
    const exited = new Promise((resolve) => server.once("exit", resolve));
    signalGroup(server, "SIGTERM");
    await exited;
  };
  return { ingressUrl, adminUrl, stop };
}

/** The binary itself: the package's command is a wrapper around it. */
function binary(): string {
  const launcher = createRequire(import.meta.url).resolve("@restatedev/restate-server/package.json");
  return createRequire(launcher).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
}

async function untilOk(url: string): Promise<void> {
  const isOk = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const deadline = performance.now() + READY_MS; !(await isOk()); await sleep(50))
    if (performance.now() > deadline) throw new Error(`${url} does not answer`);
}
