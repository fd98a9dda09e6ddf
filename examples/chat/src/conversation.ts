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
  const cancel = () => fetch(`/api/chat/${last?.id}/stop`, { method: "POST" });
  return { ...chat, last, cancel, isBusy: status === "submitted" || status === "streaming" };
}
