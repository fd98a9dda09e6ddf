import { setImmediate } from "node:timers/promises";
import { Hono } from "hono";
import { streamHandle } from "hono/aws-lambda";
import { INGRESS_KEY, INGRESS_URL } from "../events/index.ts";
import { cleanMessage, readSecretCalled, readSetting } from "../runtime/index.ts";
import type { ServerDefinition } from "./define-server.ts";
import { createRoutes, type RoutesOptions } from "./routes.ts";

/** A comment in a stream of events. */
const NOTHING = new TextEncoder().encode(":\n\n");

/**
 * Serves a project's routes as a Lambda function with a URL whose answers are streamed. It reads Restate's key when it is asked, so
 * that a new one needs no deployment.
 * @param deployed `agents`: those that may be asked unless the project says otherwise. `streamSeconds`: how long a stream lasts
 *   at most, which is shorter than the function may run.
 */
export function serveOnFunctionUrl(
  { authorize, mayAnswer, agents, chatCompletions, bounds, mcp }: ServerDefinition,
  deployed: { agents: RoutesOptions["agents"]; streamSeconds: number },
): ReturnType<typeof streamHandle> {
  const { streamSeconds } = deployed;
  const routesWith = keepLast((token: string | undefined) => {
    // Without the admin API: whoever holds its key could change everything.
    const restate = { ingressUrl: readSetting(INGRESS_URL, ""), token };
    const onError = (error: unknown) => logFailure(error, token);
    const routes = createRoutes({
      restate,
      agents: agents ?? deployed.agents,
      authorize,
      mayAnswer,
      // Agents have the ingress where these routes have it.
      chatCompletions: chatCompletions && { liveText: true },
      bounds: { ...bounds, streamSeconds },
      onError,
    });
    const endpoint = mcp?.({ restate, streamSeconds, onError });
    return endpoint ? new Hono().all("/mcp", (c) => endpoint.fetch(c.req.raw)).route("/", routes) : routes;
  });
  const app = new Hono().all("*", async (c) => {
    const token = await readSecretCalled(readSetting(INGRESS_KEY, ""));
    return pushed(await routesWith(token).fetch(c.req.raw));
  });
  app.onError((error, c) => {
    logFailure(error);
    return c.json({ code: "unavailable", message: "The server is not ready; its log says more." }, 502);
  });
  return streamHandle(app);
}

/** Makes something again only where what it is made from has changed. */
function keepLast<From, Made>(make: (from: From) => Made): (from: From) => Made {
  let last: { from: From; made: Made } | undefined;
  return (from) => {
    if (last === undefined || last.from !== from) last = { from, made: make(from) };
    return last.made;
  };
}

/**
 * Lambda may hold a small chunk back until there is another one, so each event is followed by a comment.
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/102
 */
function pushed(response: Response): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream || response.body === null) return response;
  const push = new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      controller.enqueue(chunk);
      // In one go, they could be taken for one chunk.
      await setImmediate();
      controller.enqueue(NOTHING);
    },
  });
  return new Response(response.body.pipeThrough(push), response);
}

function logFailure(error: unknown, token?: string): void {
  // biome-ignore lint/suspicious/noConsole: this is where a function's log is written.
  console.error({ event: "routes failed", text: cleanMessage(error, token ? [token] : []) });
}
