import type { History } from "../../agent/index.ts";
import { FanoutError, ingressConversations, ingressRuns, isConversationId } from "../../client/index.ts";
import type { RunRequest } from "./request.ts";

/** Which conversation, and where. */
export interface ConversationPlace extends Pick<RunRequest, "ingressUrl" | "token" | "agent" | "fetch"> {
  conversation: string;
}

/** What can be done with a conversation. All of it throws a FanoutError. */
export interface Conversation {
  /** Begins the run that answers a message. @returns its id. */
  send(input: object): Promise<string>;
  /** What was said. @param page Default: the newest. */
  history(page?: number): Promise<History>;
  /** Cancels the run in progress. @returns its id; null where there is none. */
  interrupt(): Promise<string | null>;
  /** Forgets everything. */
  reset(): Promise<void>;
  /** Copies everything into a new conversation. */
  fork(to: string): Promise<void>;
}

/** @throws TypeError for what cannot be a conversation's id. */
export function conversationId(text: string): string {
  if (isConversationId(text)) return text;
  throw new TypeError(`Expected a conversation's id, 1 to 200 characters without spaces, got "${text}".`);
}

/**
 * A conversation through Restate's ingress.
 * @param withinMs how long a request may be repeated where nobody answers. Default: as long as the client does.
 */
export function openConversation(
  { ingressUrl: url, token, agent, conversation: id, fetch }: ConversationPlace,
  withinMs?: number,
): Conversation {
  const address = { url, token, fetch };
  const conversations = ingressConversations(address);
  const of = { agent, id };
  const ask = async <T>(request: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> => {
    const signal = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs);
    return await request(signal).catch((error) => {
      if (!signal?.aborted) throw error;
      throw new FanoutError("unavailable", `Restate's ingress at ${url} does not answer.`, { cause: error });
    });
  };
  return {
    send: (input) => ask((signal) => conversations.send(of, input, { signal })),
    history: (page) => ask((signal) => conversations.history(of, page, signal)),
    interrupt: () => ask((signal) => conversations.interrupt(of, { signal })),
    reset: () =>
      ask(async (signal) => {
        await ingressRuns(address).result(await conversations.reset(of, { signal }), signal);
      }),
    fork: (to) => ask((signal) => conversations.fork(of, to, { signal })),
  };
}
