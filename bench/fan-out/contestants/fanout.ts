import { startFanout } from "../harness/fanout.ts";
import { startLambdaStandIn } from "../harness/lambda-stand-in.ts";
import { startDefaultServer } from "../harness/restate-server.ts";

/** Fanout's bundles under the same conditions as the other Restate contestants. */
export async function start() {
  const lambda = await startLambdaStandIn();
  return startFanout(lambda, await startDefaultServer(lambda.url));
}
