import { expect, vi } from "vitest";
import type { LambdaHost } from "../../lib/lambda-host/index.ts";
import { query } from "../../lib/restate/index.ts";
import { type Bench, startBench } from "./bench.ts";
import { type Cluster, type ClusterOptions, type Mode, type OwnCluster, startClusterOn } from "./cluster.ts";
import { atWorkersEnd } from "./worker.ts";

/** How long a server and its functions may take to end what a test has begun, in ms. */
const REST_MS = 60_000;

let bench: Promise<Bench> | undefined;
const clusters = new Map<string, Promise<OwnCluster>>();

/**
 * A cluster for a test that neither crashes nor deploys anything. The files of a worker take turns with it, so that its server
 * has runs of others in it; its counts, gate, model and log are empty. All of them use the same functions, which are warm.
 * `stop` hands it on.
 */
export async function shareCluster(
  mode: Mode,
  options: Pick<ClusterOptions, "scopes" | "settings"> = {},
): Promise<Cluster> {
  const key = JSON.stringify([mode, options]);
  const started = clusters.get(key) ?? start(mode, options);
  clusters.set(key, started);
  const cluster = await started;
  return { ...cluster, stop: () => comeToRest(cluster) };
}

async function start(mode: Mode, options: ClusterOptions): Promise<OwnCluster> {
  if (!bench) {
    bench = startBench().then((started) => ({ ...started, versions: publishOnce(started.lambda) }));
    atWorkersEnd(async () => {
      for (const cluster of clusters.values()) await (await cluster).stop();
      await (await bench)?.stop();
    });
  }
  return startClusterOn(await bench, mode, options);
}

/** Servers share the functions' versions, so that what one has started is warm for the others. */
function publishOnce({ publish, arn }: LambdaHost): Bench["versions"] {
  const published = new Map<string, string>();
  return {
    arn,
    publish(spec) {
      const key = JSON.stringify(spec);
      const version = published.get(key) ?? publish(spec);
      published.set(key, version);
      return version;
    },
  };
}

/** Nothing of one test is at work any more when the next one begins. */
async function comeToRest({ restate, lambda, gate, log, use }: Cluster): Promise<void> {
  gate.open();
  const atWork = async () => [
    ...(await query({ url: restate.adminUrl }, UNFINISHED)),
    ...Object.keys(lambda.stats().functions).filter((name) => lambda.busy(name).length > 0),
  ];
  await vi.waitFor(async () => expect(await atWork()).toEqual([]), { timeout: REST_MS, interval: 50 });
  gate.open();
  log.length = 0;
  await use(() => {
    throw new Error("there is no script");
  });
}

const UNFINISHED = "SELECT id, target, status FROM sys_invocation WHERE status <> 'completed'";
