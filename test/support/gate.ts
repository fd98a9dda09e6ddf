import { serve } from "@hono/node-server";
import { Hono } from "hono";

/** What a tool's call does when it arrives at the gate: it goes on when the promise resolves. */
export type Arrival = (id: string) => Promise<void> | void;

/** A place on loopback where the test decides when each tool's call may go on. */
export interface Gate {
  url: string;
  /** Everything that arrived and everything that was let go on, in order: `arrived a`, `left a`. */
  history: string[];
  /** Starts anew with this behaviour. */
  use(arrival: Arrival): void;
  stop(): Promise<void>;
}

export async function startGate(): Promise<Gate> {
  let arrival: Arrival = () => {};
  const history: string[] = [];
  const app = new Hono().post("/:id", async (c) => {
    const id = c.req.param("id");
    history.push(`arrived ${id}`);
    await arrival(id);
    history.push(`left ${id}`);
    return c.text("ok");
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gate has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    history,
    use(next) {
      history.length = 0;
      arrival = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** Lets nobody go on before `count` calls are there. */
export function barrier(count: number): Arrival {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    if (++arrived === count) resolve();
    return promise;
  };
}

/** Lets the calls go on in this order, whenever they arrive. */
export function inOrder(ids: readonly string[]): Arrival {
  const left = ids.map(() => Promise.withResolvers<void>());
  return async (id) => {
    const position = ids.indexOf(id);
    await left[position - 1]?.promise;
    left[position]?.resolve();
  };
}

/** Lets nobody go on. */
export const closed: Arrival = () => new Promise(() => {});
