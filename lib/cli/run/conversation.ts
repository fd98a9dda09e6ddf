import { conversationOf, type History } from "../../agent/index.ts";
import { FanoutError } from "../../client/index.ts";
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
  if (/^[^\s\p{C}]{1,200}$/u.test(text)) return text;
  throw new TypeError(`Expected a conversation's id, 1 to 200 characters without spaces, got "${text}".`);
}

/** A conversation through Restate's ingress. */
export function openConversation(place: ConversationPlace): Conversation {
  return {
    async send(input) {
      const key = { "idempotency-key": crypto.randomUUID() };
      const { invocationId } = await post<{ invocationId: string }>(place, "send/send", input, key);
      return invocationId;
    },
    history: (page) => post(place, "call/history", { page }),
    interrupt: () => post(place, "call/interrupt"),
    reset: () => post(place, "call/reset"),
    fork: (to) => post(place, "call/fork", { to }),
  };
}

/** @param what `call/` or `send/`, and the handler. */
async function post<T>(
  { ingressUrl, token, agent, conversation, fetch = globalThis.fetch }: ConversationPlace,
  what: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<T> {
  const [how, handler] = what.split("/");
  const path = `/restate/${how}/${conversationOf(agent)}/${encodeURIComponent(conversation)}/${handler}`;
  const response = await fetch(`${ingressUrl}${path}`, {
    method: "POST",
    headers: {
      ...headers,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause) => {
    throw new FanoutError("unavailable", `Restate's ingress at ${ingressUrl} does not answer.`, { cause });
  });
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  throw failureOf(response.status, text);
}

function failureOf(status: number, text: string): FanoutError {
  if (status === 401 || status === 403) return new FanoutError("unauthorized", text, { status });
  const code = status === 404 ? "not-found" : "bad-request";
  return new FanoutError(code, messageOf(text), { status });
}

function messageOf(text: string): string {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text;
  }
}
