import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { type ClusterOptions, type OwnCluster, startCluster } from "./cluster.ts";
import { framesOf } from "./frames.ts";

/**
 * A place in a run: just before or just after the n-th invocation of a function, counted from 1 in order of arrival; or
 * while its answer is on its way to the server, which is the only one that is not lost.
 */
export interface CrashPoint {
  invocation: number;
  when: "before" | "after" | "answering";
}

/** A proxy between restate-server and the Lambda host that lets a process die at an exact point. */
export interface CrashProxy {
  url: string;
  /** Functions invoked since the last `arm`, in order of arrival; discovery does not count. */
  invoked: string[];
  /** What they answered: each one's messages by name, in the order of the answers. */
  answered: { name: string; frames: string[] }[];
  /** Functions whose requests are lost while their names are in here. */
  unreachable: Set<string>;
  /** Starts counting again; at `point` calls `crash`, and the request or answer on its way is lost. */
  arm(point: CrashPoint | undefined, crash: () => void): void;
  stop(): Promise<void>;
}

/** @param lambdaUrl the Lambda host. */
export async function startCrashProxy(lambdaUrl: string): Promise<CrashProxy> {
  const invoked: string[] = [];
  const answered: CrashProxy["answered"] = [];
  const unreachable = new Set<string>();
  let point: CrashPoint | undefined;
  let crash = () => {};

  const app = new Hono().post("/2015-03-31/functions/:name/invocations", async (c) => {
    const body = await c.req.text();
    const isAt = (when: CrashPoint["when"], invocation: number) =>
      point?.when === when && point.invocation === invocation;
    const isDiscovery = body.includes('"/discover"');
    const number = isDiscovery ? 0 : invoked.push(functionName(c.req.param("name")));
    if (unreachable.has(functionName(c.req.param("name")))) return lost();
    if (isAt("before", number)) {
      crash();
      return lost();
    }
    const path = new URL(c.req.url).pathname;
    const response = await fetch(`${lambdaUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const answer = await response.text();
    const name = functionName(c.req.param("name"));
    if (!isDiscovery) answered.push({ name, frames: framesOf(answer) });
    if (isAt("after", number)) {
      crash();
      return lost();
    }
    if (isAt("answering", number)) crash();
    const error = response.headers.get("x-amz-function-error");
    return new Response(answer, {
      status: response.status,
      headers: error ? { "x-amz-function-error": error } : {},
    });
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    invoked,
    answered,
    unreachable,
    arm(next, onCrash) {
      invoked.length = 0;
      answered.length = 0;
      point = next;
      crash = onCrash;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** What Lambda answers when an execution environment died during a request. */
function lost(): Response {
  const error = { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: signal: killed" };
  return Response.json(error, { headers: { "x-amz-function-error": "Unhandled" } });
}

/** `arn:aws:lambda:us-east-1:000000000000:function:NAME:VERSION` */
function functionName(arn: string): string {
  return decodeURIComponent(arn).split(":").at(-2) ?? arn;
}

/** The cluster on service protocol v7, with the proxy between its server and its Lambda host. */
export async function startCrashingCluster(
  options: Pick<ClusterOptions, "settingsOfAll" | "functions"> = {},
): Promise<{ cluster: OwnCluster; proxy: CrashProxy }> {
  const proxied = Promise.withResolvers<CrashProxy>();
  const cluster = await startCluster("v7", {
    ...options,
    between: async (lambdaUrl) => {
      const proxy = await startCrashProxy(lambdaUrl);
      proxied.resolve(proxy);
      return proxy.url;
    },
  });
  return { cluster, proxy: await proxied.promise };
}
