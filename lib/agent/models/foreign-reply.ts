import type { Message, ModelReply } from "./seam.ts";

/** A message of the AI SDK, as far as it matters here. */
interface SdkMessage {
  role: string;
  content: readonly { type: string; providerOptions?: unknown }[];
}

/**
 * A conversation as this model may read it. What a model has put into its replies for itself – thoughts, signatures, ids –
 * means nothing to another one, which may refuse it: signed thoughts go back only to the model that had them. Words, calls and
 * results are everybody's.
 * @param own the run's model: it gave the replies that name none.
 * @see https://platform.claude.com/docs/en/build-with-claude/thinking
 */
export function readableBy(model: string, messages: readonly Message[], own: string): Message[] {
  return messages.flatMap((message) => {
    if (message.role !== "assistant" || (message.reply.model ?? own) === model) return [message];
    const plain = withoutItsOwn(message.reply);
    return plain ? [{ role: "assistant", reply: { ...message.reply, message: plain } }] : [];
  });
}

/** @returns undefined for a reply that was nothing but thoughts. */
function withoutItsOwn({ message }: ModelReply): SdkMessage | undefined {
  const { role, content } = message as SdkMessage;
  const parts = content.filter(({ type }) => type !== "reasoning");
  if (parts.length === 0) return undefined;
  return { role, content: parts.map(({ providerOptions: _, ...part }) => part) };
}
