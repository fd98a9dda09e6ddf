import { createEndpointHandler, type EndpointOptions } from "@restatedev/restate-sdk/lambda";
import { registerLambda } from "../../../lib/restate/index.ts";
import type { Contestant } from "./contestant.ts";
import { call } from "./ingress.ts";
import { startLambdaStandIn } from "./lambda-stand-in.ts";
import { startDefaultServer } from "./restate-server.ts";

type Service = EndpointOptions["services"][number];

/**
 * Serves a bare Restate agent in the Lambda stand-in, with a restate-server of its own.
 * @param services the service called "Agent", and the tool's if that is one; each gets a function.
 */
export async function startRestateAgent(services: { agent: Service; tool?: Service }): Promise<Contestant> {
  const lambda = await startLambdaStandIn();
  const server = await startDefaultServer(lambda.url);
  for (const [name, service] of Object.entries(services)) {
    lambda.add(name, createEndpointHandler({ services: [service], logger: () => {} }));
    await registerLambda({ url: server.adminUrl }, lambda.arn(name), { private: false });
  }
  return {
    run: async (prompt) => String(await call(server, "Agent/run", prompt)),
    counts: lambda.counts,
    async stop() {
      await server.stop();
      await lambda.stop();
    },
  };
}
