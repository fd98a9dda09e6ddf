import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Env, Hono } from "hono";
import { guarded } from "../lambda-host/index.ts";

/** An HTTP server that only programs on this machine can reach, and no web page that is open on it. */
export interface Loopback {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Drops every connection. */
  stop(): Promise<void>;
}

/**
 * Serves an app on 127.0.0.1.
 * @param port Default: 0, any free one.
 * @throws the listener's error, such as EADDRINUSE.
 */
export async function serveOnLoopback<E extends Env>(app: Hono<E>, port = 0): Promise<Loopback> {
  const server = createServer(guarded(getRequestListener(app.fetch)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
