import type { Agent } from "../definition.ts";
import { inWords } from "../models/in-words.ts";
import type { Message, UserMessage } from "../models/seam.ts";
import { hasReadUntrusted } from "../untrusted.ts";
import { withoutFiles } from "./state.ts";

/** What it has of one message, in characters. */
const MAX_MESSAGE = 8_000;

/** A conversation in words. @param maxLength in characters; of a longer one it has the end. */
export function transcript(messages: readonly Message[], maxLength: number): string {
  const said = messages.map((message) => `${message.role}: ${wordsOf(message).slice(0, MAX_MESSAGE)}`);
  return said.join("\n\n").slice(-maxLength);
}

/** A text that stands for messages. What they have brought from outside may be in it. */
export const inShort = (
  agent: Pick<Agent, "untrusted">,
  text: string,
  messages: readonly Message[],
): UserMessage => ({
  role: "user",
  by: "summary",
  text,
  ...(hasReadUntrusted(agent, messages) && { untrusted: true }),
});

function wordsOf(message: Message): string {
  if (message.role === "user") return withoutFiles(message).text;
  const told = inWords(message);
  if (told.role === "user") return told.text;
  if (told.role === "tool") return "";
  const { content } = told.reply.message as { content: { text: string }[] };
  return content.map(({ text }) => text).join("");
}
