import { createEndpointHandler, type EndpointOptions } from "@restatedev/restate-sdk/lambda";
import { aboveAttempts, callOrigin } from "../call/index.ts";
import { logTransport } from "../runtime/index.ts";
import { traceAttempts, withTracing } from "../telemetry/index.ts";

/** Makes a Restate service into the handler of its Lambda function: `export const handler = serve(service)`. */
export function serve(service: EndpointOptions["services"][number]) {
  return withTracing(
    createEndpointHandler({
      services: [service],
      logger: logTransport(callOrigin),
      defaultServiceOptions: { hooks: [traceAttempts(aboveAttempts)] },
    }),
  );
}
