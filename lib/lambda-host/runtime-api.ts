import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Environment } from "./execution-environment.ts";
import { errorBody } from "./invocation.ts";
import { readBody } from "./read-body.ts";

/** Lambda's quota; the 100 bytes on top of 6 MiB are in the error message that AWS itself returns. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;
/** An error's body is a type, a message and a stack; AWS cuts it too. */
const MAX_ERROR_BYTES = 256 * 1024;

type Env = { Bindings: HttpBindings; Variables: { environment: Environment } };

/**
 * The Lambda Runtime API, one base path per execution environment.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export function runtimeApi(find: (id: string) => Environment | undefined): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<Env>();

  app.use("/:id/*", async (c, next) => {
    const environment = find(c.req.param("id"));
    if (!environment) return c.json(error("InvalidEnvironment", "No such execution environment"), 403);
    c.set("environment", environment);
    return next();
  });

  app.get("/:id/2018-06-01/runtime/invocation/next", async (c) => {
    const { environment } = c.var;
    const { requestId, payload, invokedArn } = await environment.next();
    return c.body(new Uint8Array(payload), 200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": String(Date.now() + environment.spec.timeoutSeconds * 1000),
      "lambda-runtime-invoked-function-arn": invokedArn,
    });
  });

  app.post("/:id/2018-06-01/runtime/invocation/:requestId/response", async (c) => {
    const body = await readBody(c.env.incoming, MAX_RESPONSE_BYTES);
    const { environment } = c.var;
    if (body) {
      environment.answer(c.req.param("requestId"), { body });
      return c.json({ status: "OK" }, 202);
    }
    const text = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    const tooLarge = errorBody("Function.ResponseSizeTooLarge", text);
    environment.answer(c.req.param("requestId"), { body: tooLarge, functionError: "Unhandled" });
    return c.json(error("RequestEntityTooLarge", text), 413);
  });

  app.post("/:id/2018-06-01/runtime/invocation/:requestId/error", async (c) => {
    const body = await readError(c);
    c.var.environment.answer(c.req.param("requestId"), { body, functionError: "Unhandled" });
    return c.json({ status: "OK" }, 202);
  });

  app.post("/:id/2018-06-01/runtime/init/error", async (c) => {
    c.var.environment.failInit(await readError(c));
    return c.json({ status: "OK" }, 202);
  });

  return app as unknown as Hono<{ Bindings: HttpBindings }>;
}

async function readError(c: Context<Env>): Promise<Buffer> {
  const body = await readBody(c.env.incoming, MAX_ERROR_BYTES);
  return body ?? errorBody("Unhandled", "The error is too large");
}

function error(errorType: string, errorMessage: string): { errorType: string; errorMessage: string } {
  return { errorType, errorMessage };
}
