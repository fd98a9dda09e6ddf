import { serve } from "@hono/node-server";
import { Hono } from "hono";

/** What happens when a tool's call arrives at the gate: the call goes on when this resolves, and gets its text. */
export type Arrival = (id: string) => unknown;

/** Thrown by an arrival: the call fails for good. */
export class Refusal extends Error {}

/** A place on loopback where the test decides when each tool's call may go on. */
export interface Gate {
  url: string;
  /** What happened, in order: `arrived a`, then `left a`, `refused a`, or `dropped a` when the caller went away. */
  history: string[];
  /** The idempotency keys that came with each id. */
  keys: Map<string, string[]>;
  /** Starts over with this behaviour. */
  use(arrival: Arrival): void;
  /** Lets everything go on that waits here, and starts over. */
  open(): void;
  stop(): Promise<void>;
}

export async function startGate(): Promise<Gate> {
  let arrival: Arrival = () => {};
  let opened = Promise.withResolvers<void>();
  const history: string[] = [];
  const keys = new Map<string, string[]>();
  const app = new Hono().post("/:id", async (c) => {
    const id = c.req.param("id");
    const current = arrival;
    history.push(`arrived ${id}`);
    keys.set(id, [...(keys.get(id) ?? []), c.req.header("idempotency-key") ?? ""]);
    c.req.raw.signal.addEventListener("abort", () => history.push(`dropped ${id}`));
    try {
      const told = await Promise.race([current(id), opened.promise]);
      history.push(`left ${id}`);
      return c.text(typeof told === "string" ? told : "");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      history.push(`refused ${id}`);
      return c.text(error.message, 422);
    }
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gate has no port");
  const use: Gate["use"] = (next) => {
    history.length = 0;
    keys.clear();
    arrival = next;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    history,
    keys,
    use,
    open() {
      opened.resolve();
      opened = Promise.withResolvers();
      use(() => {});
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}

/** Lets no call go on before `count` calls have arrived. */
export function barrier(count: number): Arrival {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    if (++arrived === count) resolve();
    return promise;
  };
}

/** Lets the calls go on in this order, whenever they arrived. */
export function inOrder(ids: readonly string[]): Arrival {
  const left = ids.map(() => Promise.withResolvers<void>());
  return async (id) => {
    const position = ids.indexOf(id);
    await left[position - 1]?.promise;
    left[position]?.resolve();
  };
}

/** Lets no call go on. */
export const closed: Arrival = () => new Promise(() => {});

/** The largest number of calls that were inside at once. */
export function mostAtOnce(history: readonly string[]): number {
  let inside = 0;
  let most = 0;
  for (const event of history) {
    inside += event.startsWith("arrived") ? 1 : -1;
    most = Math.max(most, inside);
  }
  return most;
}
