import { randomUUID } from "node:crypto";
import type { AgentInput, AgentOutput, History } from "../../lib/agent/index.ts";
import { type Cluster, throughRestarts } from "./cluster.ts";

type Options = Omit<AgentInput, "message" | "messages">;

/** A conversation with the test agent, through the ingress. */
export interface Conversation {
  id: string;
  send(message: string, options?: Options): Promise<AgentOutput>;
  /** Sends a message and does not wait for its answer. @returns the run's id. */
  begin(message: string, options?: Options): Promise<string>;
  interrupt(): Promise<string | null>;
  history(page?: number): Promise<History>;
  reset(): Promise<null>;
  fork(to: string): Promise<unknown>;
}

/** @param agent Default: the test agent. */
export function openConversation(cluster: Cluster, id: string, agent = "TestAgent"): Conversation {
  const path = (how: string, handler: string) => `/restate/${how}/${agent}Conversation/${id}/${handler}`;
  const call = async <T>(handler: string, body?: unknown): Promise<T> => {
    const answered = await cluster.call(path("call", handler), body);
    if (answered.status >= 300)
      throw new Error(`${handler} answered ${answered.status}: ${JSON.stringify(answered.body)}`);
    return answered.body as T;
  };
  return {
    id,
    send: (message, options) => call("send", { message, ...options }),
    async begin(message, options) {
      const headers = { "idempotency-key": randomUUID() };
      const { body } = await throughRestarts(() =>
        cluster.call(path("send", "send"), { message, ...options }, headers),
      );
      return (body as { invocationId: string }).invocationId;
    },
    interrupt: () => call("interrupt"),
    history: (page) => throughRestarts(() => call("history", { page })),
    reset: () => call("reset"),
    fork: (to) => call("fork", { to }),
  };
}
