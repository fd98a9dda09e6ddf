import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import type { RunMessage } from "fanout/ui";
import { useEffect, useRef, useState } from "react";
import { conversation, type Said, unanswered } from "./said.ts";

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

/** The run of a conversation's last message; undefined where it was not accepted yet. */
const runOf = (last: RunMessage | undefined): string | undefined =>
  last?.role === "assistant" ? last.id : /^question (.+)$/.exec(last?.id ?? "")?.[1];

const isUnfinished = (message: RunMessage | undefined): boolean =>
  message?.role === "assistant" && message.metadata?.finishReason === undefined;

/** The page's conversation, which goes on where the page was left. One run for each question; an answer's id is its run's. */
export function useConversation({ messages: before, running }: Said) {
  const run = useRef(running);
  const [transport] = useState(
    () =>
      new DefaultChatTransport<RunMessage>({
        prepareSendMessagesRequest: ({ messages }) => {
          const question = messages.findLast(({ role }) => role === "user");
          const asked = { id: question?.id ?? "", text: question ? textOf(question) : "" };
          unanswered.keep(asked);
          return { body: { conversation, ...asked } };
        },
        prepareReconnectToStreamRequest: () => ({ api: `/api/chat/${run.current}/stream` }),
      }),
  );
  const chat = useChat<RunMessage>({
    messages: before,
    transport,
    resume: running !== undefined,
    throttle: 50,
  });
  const { messages, error, status } = chat;
  const last = messages.at(-1);
  useEffect(() => {
    run.current = runOf(last);
    // From here on the history has it.
    if (last?.role === "assistant") unanswered.forget();
  }, [last]);
  /** Cancels the run, which would go on without the page. */
  const cancel = () => post(`${last?.id}/cancel`, {});
  const isCutOff = error && (isUnfinished(last) || (last?.role === "user" && runOf(last) !== undefined));
  return { ...chat, last, cancel, isCutOff, isBusy: status === "submitted" || status === "streaming" };
}
