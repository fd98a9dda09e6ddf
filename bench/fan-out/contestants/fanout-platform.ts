import { join } from "node:path";
import { startRestateServer } from "../../../lib/local/index.ts";
import { startFanout } from "../harness/fanout.ts";
import { startLocalLambda } from "../harness/local-lambda.ts";
import { setting } from "../harness/setting.ts";

/** The parts of Fanout's local platform, without CDK and the sandbox: its server and its Lambda host. */
export async function start() {
  const lambda = await startLocalLambda();
  const dataDir = join(setting("DIRECTORY"), "restate");
  return startFanout(lambda, await startRestateServer({ dataDir, lambdaUrl: lambda.url }));
}
