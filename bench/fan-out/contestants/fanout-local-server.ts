import { join } from "node:path";
import { startRestateServer } from "../../../lib/local/index.ts";
import { startFanout } from "../harness/fanout.ts";
import { startLambdaStandIn } from "../harness/lambda-stand-in.ts";
import { setting } from "../harness/setting.ts";

/** The same with the server as Fanout's local platform starts it: what those settings are worth. */
export async function start() {
  const lambda = await startLambdaStandIn();
  const dataDir = join(setting("DIRECTORY"), "restate");
  return startFanout(lambda, await startRestateServer({ dataDir, lambdaUrl: lambda.url }));
}
