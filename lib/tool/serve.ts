import { createEndpointHandler, type EndpointOptions } from "@restatedev/restate-sdk/lambda";
import { aboveAttempts, callOrigin } from "../call/index.ts";
import { logTransport } from "../runtime/index.ts";
import { traceAttempts, withTracing } from "../telemetry/index.ts";

type Service = EndpointOptions["services"][number];

/** What a service's function serves beside it. */
const beside = new WeakMap<Service, Service>();

/** Has `serve` serve another service with this one. @returns the service itself. */
export function servedWith<S extends Service>(service: S, other: Service): S {
  beside.set(service, other);
  return service;
}

/** Makes a Restate service into the handler of its Lambda function: `export const handler = serve(service)`. */
export function serve(service: Service) {
  const other = beside.get(service);
  return withTracing(
    createEndpointHandler({
      services: other ? [service, other] : [service],
      logger: logTransport(callOrigin),
      defaultServiceOptions: { hooks: [traceAttempts(aboveAttempts)] },
    }),
  );
}
