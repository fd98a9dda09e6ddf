import type { History } from "../agent/index.ts";
import type { StartOptions } from "./runs.ts";

/** Which conversation with which agent. */
export interface ConversationName {
  agent: string;
  id: string;
}

/** Whether a conversation may have such an id, as a virtual object's key. */
export const isConversationId = (id: string): boolean => /^[^\s\p{C}]{1,200}$/u.test(id);

/** How a message is sent. */
export interface SendOptions extends StartOptions {
  /** Whether the run in progress is cancelled first; the message waits for its end either way. Default false. */
  interrupt?: boolean | undefined;
}

/** What can be done with conversations, wherever a client is connected; tried again and refused as {@link Runs} are. */
export interface Conversations {
  /** @returns the id of the run that answers the message. */
  send(of: ConversationName, input: object, options: SendOptions): Promise<string>;
  /** Reads what was said, a page at a time. @param page default: the newest. */
  history(of: ConversationName, page: number | undefined, signal: AbortSignal | undefined): Promise<History>;
  /** Asks the run in progress to end. @returns its id; null where there is none. */
  interrupt(of: ConversationName, options: StartOptions): Promise<string | null>;
  /** Has everything forgotten that was said, once it is answered. @returns the id of what does it, to wait for as for a run. */
  reset(of: ConversationName, options: StartOptions): Promise<string>;
  /** Copies a conversation into a new one. */
  fork(of: ConversationName, to: string, options: StartOptions): Promise<void>;
}
