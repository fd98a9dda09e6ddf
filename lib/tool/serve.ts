import { createEndpointHandler, type EndpointOptions } from "@restatedev/restate-sdk/lambda";

/** Makes a Restate service into the handler of its Lambda function: `export const handler = serve(service)`. */
export function serve(service: EndpointOptions["services"][number]) {
  return createEndpointHandler({ services: [service] });
}
