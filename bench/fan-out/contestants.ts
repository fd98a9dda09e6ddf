/** A way to run an agent whose tool calls run in parallel. */
export interface Entry {
  id: string;
  name: string;
  /** What runs a call, and where what is finished is kept. */
  how: string;
  /** Whether finished model replies and tool calls outlive a crash, as its documentation says; no crash is provoked here. */
  durable: boolean;
}

/** Everyone else is compared with it: nothing between the model and the calls. */
export const FLOOR = "ai-sdk";

/** Everyone who takes part. The code of each is in `contestants/<id>.ts`, and runs in a process of its own. */
export const CONTESTANTS: readonly Entry[] = [
  {
    id: FLOOR,
    name: "AI SDK (the floor)",
    how: "`generateText` calls the tool in its process",
    durable: false,
  },
  {
    id: "restate-run",
    name: "Restate, `ctx.run`",
    how: "each call is a step of the agent's own function; Lambda stand-in, restate-server's defaults",
    durable: true,
  },
  {
    id: "restate-services",
    name: "Restate, tool services",
    how: "each call is a service's, awaited by `allSettled`; Lambda stand-in, restate-server's defaults",
    durable: true,
  },
  {
    id: "langgraph",
    name: "LangGraph",
    how: "`createAgent` calls the tool in its process, and keeps checkpoints in Postgres",
    durable: true,
  },
  {
    id: "dbos",
    name: "DBOS",
    how: "each call is a step in its process, kept in Postgres, awaited by `Promise.allSettled`",
    durable: true,
  },
  {
    id: "fanout",
    name: "Fanout, stand-in",
    how: "its bundles; Lambda stand-in, restate-server's defaults",
    durable: true,
  },
  {
    id: "fanout-local-server",
    name: "Fanout, stand-in, local server",
    how: "the same, with restate-server as its local platform starts it",
    durable: true,
  },
  {
    id: "fanout-platform",
    name: "Fanout, local platform",
    how: "the same, with its Lambda host: a process for each execution environment, 128 of the tool's started ahead",
    durable: true,
  },
];
