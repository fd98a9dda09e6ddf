import { inWords } from "../models/in-words.ts";
import type { Message } from "../models/seam.ts";
import { withoutFiles } from "./state.ts";

/** What it has of one message, in characters. */
const MAX_MESSAGE = 8_000;

/** A conversation in words. @param maxLength in characters; of a longer one it has the end. */
export function transcript(messages: readonly Message[], maxLength: number): string {
  const said = messages.map((message) => `${message.role}: ${wordsOf(message).slice(0, MAX_MESSAGE)}`);
  return said.join("\n\n").slice(-maxLength);
}

function wordsOf(message: Message): string {
  if (message.role === "user") return withoutFiles(message).text;
  const told = inWords(message);
  if (told.role === "user") return told.text;
  if (told.role === "tool") return "";
  const { content } = told.reply.message as { content: { text: string }[] };
  return content.map(({ text }) => text).join("");
}
