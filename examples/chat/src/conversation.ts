import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useEffect, useState } from "react";
import type { RunMessage } from "../../../lib/ui/index.ts";

const KEY = "fanout-chat";
const load = (): RunMessage[] => JSON.parse(localStorage.getItem(KEY) ?? "[]");

/** One run for each question. An answer's id is its run's, so the page that comes back knows which one to rejoin. */
const transport = new DefaultChatTransport<RunMessage>({
  prepareSendMessagesRequest: ({ messages }) => {
    const question = messages.findLast(({ role }) => role === "user");
    return { body: { id: question?.id, text: question && textOf(question) } };
  },
  prepareReconnectToStreamRequest: () => ({ api: `/api/chat/${load().at(-1)?.id}/stream` }),
});

const textOf = ({ parts }: RunMessage) =>
  parts.map((part) => (part.type === "text" ? part.text : "")).join("");

/** Asks a route of the server. @throws Error with what it says against it. */
async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`/api/runs/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const { message } = await response.json().catch(() => ({}));
  throw new Error(message ?? `The server answered ${response.status}.`);
}

/** What somebody says to a call that waits. @param input in place of the model's. */
export interface Answer {
  approve: boolean;
  reason?: string;
  input?: Record<string, unknown>;
}

/**
 * Answers a question of a run, which is not the AI SDK's `addToolApprovalResponse`: that one begins a new request and knows no
 * input. What has become of the question comes with the run's events, to every page that shows it.
 */
export const answerApproval = (run: string, approval: string, answer: Answer): Promise<void> =>
  post(`${run}/approvals/${approval}`, answer);

export const isUnfinished = (message: RunMessage | undefined): boolean =>
  message?.role === "assistant" && message.metadata?.finishReason === undefined;

/** The conversation that this browser remembers. It goes on where the page was left. */
export function useConversation() {
  const [before] = useState(load);
  const chat = useChat<RunMessage>({
    messages: before,
    transport,
    resume: isUnfinished(before.at(-1)),
    throttle: 50,
  });
  const { messages, regenerate, status } = chat;
  useEffect(() => localStorage.setItem(KEY, JSON.stringify(messages)), [messages]);
  // The page was left before it knew its run: to ask again finds it.
  useEffect(() => {
    if (before.at(-1)?.role === "user") void regenerate();
  }, [before, regenerate]);
  const last = messages.at(-1);
  /** Cancels the run, which would go on without the page. */
  const cancel = () => post(`${last?.id}/cancel`, {});
  return { ...chat, last, cancel, isBusy: status === "submitted" || status === "streaming" };
}
