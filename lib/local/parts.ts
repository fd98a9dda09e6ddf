import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { INGRESS_URL } from "../events/index.ts";
import { type LambdaHost, startLambdaHost } from "../lambda-host/index.ts";
import { type Sandbox, startSandbox } from "../sandbox/index.ts";
import { LAMBDA_ENDPOINT } from "../tool/index.ts";
import { BEGIN_ANEW, type PlatformData } from "./data.ts";
import type { PlatformOptions } from "./platform-options.ts";
import type { Ports } from "./ports.ts";
import { restateServerVersion } from "./restate/binary.ts";
import { type RestateServer, startRestateServer } from "./restate/server.ts";
import { during } from "./start-observer.ts";
import { synthesise } from "./synth.ts";

/** The parts of a platform that run, and are stopped when it ends. */
export interface Parts {
  restate: RestateServer;
  lambda: LambdaHost;
  sandbox: Sandbox;
}

/** restate-server's log. */
export const restateLog = ({ logDir }: PlatformOptions): string => join(logDir, "restate.log");

/**
 * Starts every part, and synthesises the app at the same time.
 * @param running gets each part as soon as it runs, so that it can be stopped whatever becomes of the others.
 * @returns the parts, and the path of the cloud assembly.
 * @throws the first part's error, once all are running or have failed.
 */
export async function startParts(
  options: PlatformOptions,
  { data, ports, running }: { data: PlatformData; ports: Ports; running: Partial<Parts> },
): Promise<Parts & { assembly: string }> {
  const { onStart } = options;
  const lambdaUrl = `http://127.0.0.1:${ports.lambda}`;
  const sandboxStarting = startSandbox({
    port: ports.sandbox,
    faults: options.faults,
    standIns: options.standIns,
    ...options.sandbox,
  }).then((sandbox) => {
    running.sandbox = sandbox;
    return sandbox;
  });
  // Before there are any functions, so that its port is bound soon after it was found free.
  const lambdaStarting = sandboxStarting.then(async (sandbox) => {
    const ingressUrl = `http://127.0.0.1:${ports.ingress}`;
    running.lambda = await startHost(options, data, { lambdaUrl, ingressUrl }, sandbox);
    return running.lambda;
  });
  const restateStarting = startServer(options, data, lambdaUrl, ports).then((restate) => {
    running.restate = restate;
    return restate;
  });
  // Looking for a kept assembly occupies this process, which the other parts need only to begin.
  const synthesising = lambdaStarting.then(() => synthesise(options));
  const starting = [
    during(onStart, "sandbox", sandboxStarting),
    during(onStart, "Lambda host", lambdaStarting),
    during(onStart, "restate-server", restateStarting),
    during(onStart, "bundling", synthesising),
  ] as const;
  await Promise.allSettled(starting);
  options.signal.throwIfAborted();
  const [sandbox, lambda, restate, assembly] = await Promise.all(starting);
  return { sandbox, lambda, restate, assembly };
}

function startHost(
  { logDir, settings, onLog }: PlatformOptions,
  data: PlatformData,
  { lambdaUrl, ingressUrl }: { lambdaUrl: string; ingressUrl: string },
  { environment: { models, upstreams } }: Sandbox,
): Promise<LambdaHost> {
  const log = createWriteStream(join(logDir, "functions.log"));
  return startLambdaHost({
    functions: [],
    dataDir: data.lambda,
    port: Number(new URL(lambdaUrl).port),
    environment: { ...models, ...upstreams, [LAMBDA_ENDPOINT]: lambdaUrl, [INGRESS_URL]: ingressUrl },
    settings,
    onLog: ({ function: name, text }) => {
      log.write(`${name} ${text}\n`);
      onLog?.(`${name} ${text}`);
    },
  });
}

/** If the data may be the reason why the server does not start, says what can be done about it. */
async function startServer(
  options: PlatformOptions,
  { restate: dataDir, writtenBy }: PlatformData,
  lambdaUrl: string,
  { ingress, admin }: Ports,
): Promise<RestateServer> {
  const logFile = restateLog(options);
  const ports = { ingress, admin };
  const starting = startRestateServer({ dataDir, lambdaUrl, ports, logFile, ...options.server });
  return starting.catch((cause: Error) => {
    if (writtenBy === undefined) throw cause;
    const versions = `Its data was written by restate-server ${writtenBy}; this is ${restateServerVersion()}.`;
    throw new Error(`${cause.message}\n${versions}\n${BEGIN_ANEW}`, { cause });
  });
}
