import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { functionArn, parseFunctionReference } from "./arn.ts";
import type { Functions, PublishedFunction } from "./functions.ts";
import type { Invoker } from "./invoker.ts";
import { MAX_EVENT_BYTES, MAX_REQUEST_BYTES } from "./quotas.ts";
import { readBody } from "./read-body.ts";

type Env = { Bindings: HttpBindings };
const INVOCATION_TYPES = ["RequestResponse", "Event", "DryRun"];

/**
 * Lambda's Invoke, as the AWS SDKs and restate-server call it.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invokeApi(functions: Functions, invoker: Invoker): Hono<Env> {
  const app = new Hono<Env>();
  app.post("/2015-03-31/functions/:function/invocations", async (c) => {
    const type = c.req.header("x-amz-invocation-type") ?? "RequestResponse";
    const maxBytes = type === "Event" ? MAX_EVENT_BYTES : MAX_REQUEST_BYTES;
    const payload = await readBody(c.env.incoming, maxBytes);
    if (!INVOCATION_TYPES.includes(type))
      return invalidParameter(
        c,
        `InvocationType should be one of ${INVOCATION_TYPES.join(", ")}; got ${type}.`,
      );
    const target = resolveTarget(c, functions);
    if (target instanceof Response) return target;
    if (!payload)
      return failed(
        c,
        413,
        "RequestTooLargeException",
        `Request must be smaller than ${maxBytes} bytes for the InvokeFunction operation`,
      );
    const event = parse(payload);
    if (!event)
      return failed(c, 400, "InvalidRequestContentException", "Could not parse request body into json.");

    if (type === "DryRun") return c.body(null, 204);
    const requestId = randomUUID();
    const invocation = { requestId, payload: event.payload, invokedArn: target.invokedArn };
    c.header("x-amzn-requestid", requestId);
    c.header("x-amz-executed-version", target.version);
    if (type === "Event") {
      void invoker.invokeLater(target, invocation);
      return c.body(null, 202);
    }
    const result = await invoker.invoke(target, invocation, !event.isDiscovery);
    if (typeof result === "string")
      return failed(c, 429, "TooManyRequestsException", "Rate Exceeded.", { Reason: result });
    if (result.functionError) c.header("x-amz-function-error", result.functionError);
    return c.body(new Uint8Array(result.body), 200, { "content-type": "application/json" });
  });
  return app;
}

function resolveTarget(
  c: Context<Env>,
  functions: Functions,
): (PublishedFunction & { invokedArn: string }) | Response {
  const text = c.req.param("function") ?? "";
  const reference = parseFunctionReference(text);
  if (!reference)
    return invalidParameter(c, `FunctionName should be a name, a partial ARN or an ARN; got ${text}.`);
  const query = c.req.query("Qualifier");
  const qualifier = reference.qualifier ?? query;
  if (query && query !== qualifier)
    return invalidParameter(
      c,
      `The qualifier in the name is ${qualifier}, the parameter Qualifier is ${query}.`,
    );
  const target = reference.foreign ? undefined : functions.find(reference.name, qualifier);
  const invokedArn = functionArn(reference.name, qualifier);
  if (target) return { ...target, invokedArn };
  const asked = reference.foreign ? text : invokedArn;
  const known = functions.names.join(", ") || "none";
  return failed(c, 404, "ResourceNotFoundException", `Function not found: ${asked}. Functions: ${known}.`);
}

/** An empty payload is an empty event. Restate's discovery is known by the path in its envelope. */
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

function invalidParameter(c: Context<Env>, message: string): Response {
  return failed(c, 400, "InvalidParameterValueException", message);
}

/** AWS's REST-JSON error: the type in a header, the rest in the body. */
function failed(
  c: Context<Env>,
  status: ContentfulStatusCode,
  type: string,
  message: string,
  more: Record<string, string> = {},
): Response {
  return c.json({ Type: "User", message, ...more }, status, { "x-amzn-errortype": type });
}
