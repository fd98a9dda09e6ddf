import type { Approval, ApprovalAnswer } from "./approvals.ts";
import type { AnyAgent, ApprovalOf, EventOf, OutputOf, RunOptions } from "./contract.ts";
import { type ConversationClient, conversationClient } from "./conversation-client.ts";
import type { Conversations } from "./conversations.ts";
import type { ReadOptions } from "./event-reader.ts";
import { ingressConversations } from "./ingress-conversations.ts";
import { ingressRuns, type RestateAddress } from "./ingress-runs.ts";
import { routeConversations } from "./route-conversations.ts";
import { routeRuns } from "./route-runs.ts";
import type { RoutesAddress } from "./routes-request.ts";
import type { Runs, StartOptions } from "./runs.ts";

/** A connection to where agents run. */
export interface Client {
  /**
   * A client of one agent.
   * @param agent its contract, or its name where the contract's code should stay away, as on a page:
   *   `client.agent<typeof supportAgent>("SupportAgent")`.
   */
  agent<A extends AnyAgent>(agent: A | A["name"]): AgentClient<A>;
}

/**
 * Runs of one agent, with its contract's types. Requests are repeated while that may help, for a minute or two, and never start a
 * second run. Nothing else has a time limit; a `signal` ends the waiting, and not the run.
 */
export interface AgentClient<A> {
  /**
   * Asks, and waits for what the run returns.
   * @throws FanoutError `run-failed` or `run-cancelled` with the run's own words, or why it could not be asked.
   */
  run(message: string, options?: RunOptions & StartOptions): Promise<OutputOf<A>>;
  /** Begins a run. One that will be watched asks for events: `{ events: "calls" }`. @throws FanoutError */
  start(message: string, options?: RunOptions & StartOptions): Promise<{ id: string }>;
  /**
   * What a run tells, as it happens: each event once, in order. It resumes by itself, and ends when the run is over.
   * @throws FanoutError when there is no such run, or nobody answers any more.
   */
  watch(
    id: string,
    options?: ReadOptions,
  ): AsyncGenerator<{ position: number; event: EventOf<A> }, void, undefined>;
  /** Waits for what a run returns. @throws FanoutError as `run` does. */
  result(id: string, options?: { signal?: AbortSignal | undefined }): Promise<OutputOf<A>>;
  /**
   * Asks a run and its calls to end; a run that has ended stays as it is.
   * @throws FanoutError `unsupported` where the client knows no more than Restate's ingress, which cannot cancel.
   */
  cancel(id: string, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** The calls of a run that wait until somebody approves them, the oldest first; none of a run that is over. @throws FanoutError */
  approvals(id: string, options?: { signal?: AbortSignal | undefined }): Promise<ApprovalOf<A>[]>;
  /**
   * Approves a call that waits, or denies it. The same answer twice is one.
   * @returns the answer that counts.
   * @throws FanoutError `not-found` for an unknown approval; `answered` when it was answered otherwise, or nobody waits any more;
   *   `bad-request` for an input that does not fit the tool's; `unauthorized` where the server says that one may not.
   */
  answer(
    id: string,
    approval: string,
    answer: ApprovalAnswer,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Approval>;
  /**
   * Resolves what a composite of the run waits for with `waitFor(name)`, once: before or while it is waited for. The same value again
   * changes nothing.
   * @returns how many were waiting.
   * @throws FanoutError `answered` for another value than came before; `bad-request` for one that does not fit.
   */
  resolve(
    id: string,
    name: string,
    value: unknown,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<{ waiting: number }>;
  /**
   * A conversation, in which the agent knows what was said before. It begins with its first message, and nothing ends it.
   * @param id 1 to 200 characters without spaces; through the routes each user has their own.
   * @throws FanoutError `bad-request` for another one.
   */
  conversation(id: string): ConversationClient<A>;
}

/** Connects to Restate itself, as a program on a server does: whoever has its token can do everything. */
export function connect(restate: RestateAddress): Client {
  const address = withoutSlash(restate);
  return clientOf(ingressRuns(address), ingressConversations(address));
}

/** Connects to the routes of `fanout/server`, as a page does: a user sees their own runs. */
export function connectToRoutes(routes: RoutesAddress): Client {
  const address = withoutSlash(routes);
  return clientOf(routeRuns(address), routeConversations(address));
}

function clientOf(runs: Runs, conversations: Conversations): Client {
  return {
    agent: <A extends AnyAgent>(agent: A | A["name"]): AgentClient<A> => {
      const name = typeof agent === "string" ? agent : agent.name;
      const start: AgentClient<A>["start"] = async (message, options = {}) => {
        const { idempotencyKey, signal, ...input } = options;
        return { id: await runs.start(name, { message, ...input }, { idempotencyKey, signal }) };
      };
      const result: AgentClient<A>["result"] = async (id, { signal } = {}) =>
        (await runs.result(id, signal)) as OutputOf<A>;
      return {
        start,
        result,
        run: async (message, options = {}) => result((await start(message, options)).id, options),
        watch: (id, options = {}) => runs.events(id, options) as ReturnType<AgentClient<A>["watch"]>,
        cancel: (id, { signal } = {}) => runs.cancel(id, signal),
        approvals: async (id, { signal } = {}) => (await runs.approvals(id, signal)) as ApprovalOf<A>[],
        resolve: (id, name, value, { signal } = {}) => runs.resolve(id, { name, value }, signal),
        answer: (id, approval, answer, { signal } = {}) => runs.answer(id, { ...answer, approval }, signal),
        conversation: (id) => conversationClient<A>(runs, conversations, { agent: name, id }),
      };
    },
  };
}

const withoutSlash = <T extends { url: string }>(address: T): T => ({
  ...address,
  url: address.url.replace(/\/+$/, ""),
});
