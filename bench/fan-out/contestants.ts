/** Somebody's way to run an agent whose tool calls run in parallel. */
export interface Entry {
  id: string;
  name: string;
  /** Whether finished model replies and tool calls outlive a crash, as its documentation says; no crash is provoked here. */
  durable: boolean;
}

/** Everyone else is compared with it: nothing between the model and the calls. */
export const FLOOR = "ai-sdk";

/** Everyone who takes part. The code of each is in `contestants/<id>.ts`, and runs in a process of its own. */
export const CONTESTANTS: readonly Entry[] = [
  { id: FLOOR, name: "AI SDK `generateText`, tools in its process (the floor)", durable: false },
  { id: "restate-run", name: "Restate, `ctx.run` per call in one function", durable: true },
  { id: "restate-services", name: "Restate, tools as services, `allSettled`", durable: true },
  { id: "langgraph", name: "LangGraph `createAgent`, Postgres checkpointer", durable: true },
  { id: "dbos", name: "DBOS, steps with `Promise.allSettled`, Postgres", durable: true },
  { id: "fanout", name: "Fanout, Lambda stand-in, restate-server's defaults", durable: true },
  { id: "fanout-local-server", name: "Fanout, Lambda stand-in, local server settings", durable: true },
  { id: "fanout-platform", name: "Fanout, local platform, a process per environment", durable: true },
];
