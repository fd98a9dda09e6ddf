import { expect, vi } from "vitest";
import type { LambdaHost } from "../../lib/lambda-host/index.ts";
import type { Mode } from "../../lib/testing/index.ts";
import { type Bench, startBench } from "./bench.ts";
import { type Cluster, type ClusterOptions, startClusterOn } from "./cluster.ts";
import { atWorkersEnd } from "./worker.ts";

/** How long functions may take to end what a test has begun, in ms. */
const REST_MS = 60_000;

let bench: Promise<Bench> | undefined;

/**
 * Starts a cluster for a test that neither deploys anything nor lets a function die. Its server is its own; where its functions
 * run, the files of a worker take turns, and find them warm. Counts, gate, model and log are as at the start.
 */
export async function startWarmCluster(
  mode: Mode,
  options: Pick<ClusterOptions, "scopes" | "functions" | "settings" | "settingsOfAll"> = {},
): Promise<Cluster> {
  const shared = await sharedBench();
  const cluster = await startClusterOn(shared, mode, options);
  const { stop } = cluster;
  cluster.stop = async () => {
    await stop();
    await comeToRest(shared);
  };
  return cluster;
}

function sharedBench(): Promise<Bench> {
  if (!bench) {
    const started = startBench();
    bench = started.then((own) => ({ ...own, versions: publishOnce(own.lambda) }));
    atWorkersEnd(async () => (await started).stop());
  }
  return bench;
}

/** Every server gets the same versions, so that what one has started is warm for the next. */
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
async function comeToRest({ lambda, gate, log, follow }: Bench): Promise<void> {
  gate.open();
  const atWork = () => Object.keys(lambda.stats().functions).filter((name) => lambda.busy(name).length > 0);
  await vi.waitFor(() => expect(atWork()).toEqual([]), { timeout: REST_MS, interval: 20 });
  gate.open();
  log.length = 0;
  follow(() => {
    throw new Error("there is no script");
  });
}
