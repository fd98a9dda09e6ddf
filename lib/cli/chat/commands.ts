import { randomUUID } from "node:crypto";
import type { PlainMessage } from "../../agent/index.ts";
import { confirm } from "../confirm.ts";
import { drawMessages } from "../drawing/messages.ts";
import { screenOf } from "../drawing/screen.ts";
import { printDrawing, say } from "../output.ts";
import { type Conversation, conversationId } from "../run/conversation.ts";
import type { Chat } from "./chat.ts";
import { whileInterruptible } from "./interrupts.ts";

/** What somebody at the prompt can do besides sending a message. */
interface ChatCommand {
  usage: string;
  summary: string;
  run(chat: Chat, conversation: Conversation, argument: string): Promise<void> | void;
}

const chatCommands: readonly ChatCommand[] = [
  {
    usage: "/new",
    summary: "begin a new conversation",
    run(chat) {
      chat.sayHowToGoOn();
      chat.conversation = randomUUID();
      say(`Now in conversation ${chat.conversation}.`);
    },
  },
  {
    usage: "/history",
    summary: "show all that was said",
    async run(_chat, conversation) {
      const messages = await wholeHistory(conversation);
      if (messages.length === 0) say("Nothing was said yet.");
      else printDrawing(drawMessages(messages, screenOf(process.stdout)));
    },
  },
  {
    usage: "/fork [id]",
    summary: "go on in a copy; this conversation stays as it is",
    async run(chat, conversation, argument) {
      const copy = argument === "" ? randomUUID() : conversationId(argument);
      await conversation.fork(copy);
      chat.sayHowToGoOn();
      chat.conversation = copy;
      say(`Now in conversation ${copy}.`);
    },
  },
  {
    usage: "/reset",
    summary: "forget all that was said in this conversation",
    async run(_chat, conversation) {
      if (!(await confirm("Forget all that was said?"))) return;
      await conversation.reset();
      say("It is forgotten.");
    },
  },
  { usage: "/help", summary: "show this", run: () => say(chatHelp()) },
  { usage: "/quit", summary: "end the chat, as Ctrl-D does", run: () => {} },
];

/** The commands, a line each. */
export const chatHelp = (): string =>
  chatCommands.map(({ usage, summary }) => `  ${usage.padEnd(12)}${summary}`).join("\n");

/** Runs a line that is a command; Ctrl-C ends what it waits for. @throws Error in plain words, also for an unknown command. */
export async function runChatCommand(chat: Chat, line: string): Promise<void> {
  const [name = "", argument = ""] = line.split(/\s+/, 2);
  const command = chatCommands.find(({ usage }) => usage.split(" ")[0] === name);
  if (!command)
    throw new Error(
      `Unknown command "${name}". Commands: ${chatCommands.map(({ usage }) => usage).join(", ")}.`,
    );
  const stop = new AbortController();
  const conversation = chat.opened({ stop: stop.signal });
  await whileInterruptible(
    () => stop.abort(new Error("Ended before there was an answer.")),
    async () => command.run(chat, conversation, argument),
  );
}

/** A line that begins with a word after a slash; a path is none. */
export const isChatCommand = (line: string): boolean => /^\/\w+(\s|$)/.test(line);

async function wholeHistory(conversation: Conversation): Promise<PlainMessage[]> {
  const newest = await conversation.history();
  const pages = [newest.messages];
  for (let { older } = newest; older !== undefined; ) {
    const page = await conversation.history(older);
    pages.unshift(page.messages);
    older = page.older;
  }
  return pages.flat();
}
