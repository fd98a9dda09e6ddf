import type { HistoryOf, MessageOptions } from "./contract.ts";
import {
  type ConversationName,
  type Conversations,
  isConversationId,
  type SendOptions,
} from "./conversations.ts";
import { FanoutError } from "./error.ts";
import type { Runs, StartOptions } from "./runs.ts";

/**
 * A conversation with an agent. Each message is answered by a run, the next one when that has ended. Requests are repeated as those
 * for runs, and nothing is done twice.
 */
export interface ConversationClient<A> {
  readonly id: string;
  /**
   * Sends a message.
   * @returns the run that answers it, for the agent's `watch`, `result`, `approvals`, `answer` and `cancel`. One that will be watched
   * asks for events: `{ events: "calls" }`.
   * @throws FanoutError
   */
  send(message: string, options?: MessageOptions & SendOptions): Promise<{ id: string }>;
  /**
   * What was said, oldest first, and which run is in progress.
   * @param options `page`: what a newer page gave as `older`. Default: the newest.
   * @throws FanoutError `not-found` for a page that there is none of.
   */
  history(options?: { page?: number | undefined; signal?: AbortSignal | undefined }): Promise<HistoryOf<A>>;
  /** Asks the run in progress to end, and not the messages that wait. @returns its id; null where there is none. @throws FanoutError */
  interrupt(options?: StartOptions): Promise<string | null>;
  /** Forgets everything that was said, when the run in progress and the messages that wait are answered. @throws FanoutError */
  reset(options?: StartOptions): Promise<void>;
  /**
   * Copies what was said, without the run in progress, into a new conversation.
   * @returns that one.
   * @throws FanoutError `bad-request` where it is not empty.
   */
  fork(to: string, options?: StartOptions): Promise<ConversationClient<A>>;
}

/** A conversation of an agent, with its contract's types. @throws FanoutError `bad-request` for an id that none can have. */
export function conversationClient<A>(
  runs: Pick<Runs, "result">,
  conversations: Conversations,
  of: ConversationName,
): ConversationClient<A> {
  refuseBadId(of.id);
  return {
    id: of.id,
    async send(message, options = {}) {
      const { idempotencyKey, interrupt, signal, ...input } = options;
      const how = { idempotencyKey, interrupt, signal };
      return { id: await conversations.send(of, { message, ...input }, how) };
    },
    history: async ({ page, signal } = {}) => (await conversations.history(of, page, signal)) as HistoryOf<A>,
    interrupt: (options = {}) => conversations.interrupt(of, options),
    async reset(options = {}) {
      await runs.result(await conversations.reset(of, options), options.signal);
    },
    async fork(to, options = {}) {
      const copy = conversationClient<A>(runs, conversations, { ...of, id: to });
      await conversations.fork(of, to, options);
      return copy;
    },
  };
}

function refuseBadId(id: string): void {
  if (!isConversationId(id))
    throw new FanoutError(
      "bad-request",
      `Expected a conversation's id of 1 to 200 characters without spaces, got ${JSON.stringify(id)}.`,
    );
}
