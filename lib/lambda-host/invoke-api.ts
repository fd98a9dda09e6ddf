import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Invoker } from "./invoker.ts";
import { LambdaError } from "./lambda-error.ts";
import { readBody } from "./read-body.ts";
import type { Registry } from "./registry.ts";
import { targetVersion } from "./target.ts";

type Env = { Bindings: HttpBindings };
/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, and the page of Invoke */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
const MAX_EVENT_BYTES = 1024 * 1024;
const INVOCATION_TYPES = ["RequestResponse", "Event", "DryRun"];

/**
 * Lambda's Invoke, as the AWS SDKs and restate-server call it.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeApi(registry: Registry, invoker: Invoker): Hono<Env> {
  const app = new Hono<Env>();
  app.post("/2015-03-31/functions/:function/invocations", async (c) => {
    const type = c.req.header("x-amz-invocation-type") ?? "RequestResponse";
    const maxBytes = type === "Event" ? MAX_EVENT_BYTES : MAX_REQUEST_BYTES;
    const payload = await readBody(c.env.incoming, maxBytes);
    if (!INVOCATION_TYPES.includes(type))
      throw new LambdaError(
        "InvalidParameterValueException",
        `InvocationType should be one of ${INVOCATION_TYPES.join(", ")}; got ${type}.`,
      );
    const { fn, qualifier, arn, version } = targetVersion(c, registry);
    if (!payload)
      throw new LambdaError(
        "RequestTooLargeException",
        `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`,
      );
    const event = parse(payload);
    if (!event)
      throw new LambdaError("InvalidRequestContentException", "Could not parse request body into json.");

    if (type === "DryRun") return c.body(null, 204);
    const requestId = randomUUID();
    const invocation = { requestId, payload: event.payload, invokedArn: arn };
    c.header("x-amzn-requestid", requestId);
    c.header("x-amz-executed-version", version.version);
    if (type === "Event") {
      void invoker.invokeLater(() => fn.find(qualifier), invocation);
      return c.body(null, 202);
    }
    const result = await invoker.invoke(version, invocation, !event.isDiscovery);
    if (typeof result === "string")
      throw new LambdaError("TooManyRequestsException", "Rate Exceeded.", { Reason: result });
    if (result.functionError) c.header("x-amz-function-error", result.functionError);
    return c.body(new Uint8Array(result.body), 200, { "content-type": "application/json" });
  });
  return app;
}

/** An empty payload is an empty event. Restate's discovery is recognised by the path in its envelope. */
function parse(payload: Buffer): { payload: Buffer; isDiscovery: boolean } | undefined {
  if (payload.length === 0) return { payload: Buffer.from("{}"), isDiscovery: false };
  try {
    const event: unknown = JSON.parse(payload.toString("utf8"));
    const isDiscovery =
      typeof event === "object" && event !== null && "path" in event && event.path === "/discover";
    return { payload, isDiscovery };
  } catch {
    return undefined;
  }
}
