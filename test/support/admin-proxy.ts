import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";

/** What stands in front of a Restate's admin API, as Restate Cloud does. */
export interface AdminProxy {
  url: string;
  /** The only key that it lets in. */
  key: string;
  /** Whether it is there. Default: it is. */
  reachable: boolean;
  /** Whether the server says that it has flow control. Default: it has. */
  flowControl: boolean;
  stop(): Promise<void>;
}

/** @param adminUrl what is behind it. */
export async function startAdminProxy(adminUrl: string, key: string): Promise<AdminProxy> {
  const app = new Hono().all("/*", async (c) => {
    if (!proxy.reachable) {
      (c.env as HttpBindings).incoming.socket.destroy();
      return c.body(null);
    }
    const { pathname, search } = new URL(c.req.url);
    const open = pathname === "/version" || pathname === "/health";
    if (!open && c.req.header("authorization") !== `Bearer ${proxy.key}`)
      return c.json({ message: "Who?" }, 401);
    const { method } = c.req;
    const response = await fetch(`${adminUrl}${pathname}${search}`, {
      method,
      headers: { "content-type": "application/json", accept: "application/json" },
      ...(method !== "GET" && { body: await c.req.text() }),
    });
    if (pathname !== "/version") return new Response(await response.text(), { status: response.status });
    const version = (await response.json()) as { features: Record<string, boolean> };
    return c.json({ ...version, features: { ...version.features, vqueues: proxy.flowControl } });
  });
  const server = await serveOnLoopback(app);
  const proxy: AdminProxy = {
    url: server.url,
    key,
    reachable: true,
    flowControl: true,
    stop: () => server.stop(),
  };
  return proxy;
}
