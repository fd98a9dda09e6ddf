import type { History } from "../../agent/index.ts";
import { askLine } from "../confirm.ts";
import { drawMessages, lastSaid } from "../drawing/messages.ts";
import { screenOf } from "../drawing/screen.ts";
import { drawReply } from "../drawing/summary.ts";
import { drawTimeline } from "../drawing/timeline.ts";
import { printDrawing, printJson, say } from "../output.ts";
import type { Chat } from "./chat.ts";
import { isChatCommand, runChatCommand } from "./commands.ts";
import { type Begin, exchange } from "./exchange.ts";

/** How many questions of an earlier chat are shown, with their answers. */
const SHOWN_QUESTIONS = 3;

/** A chat at a terminal: until Ctrl-C or Ctrl-D at the prompt, or /quit. @param history what was said before. */
export async function chatAtTerminal(chat: Chat, { messages, older, running }: History): Promise<void> {
  // npm repeats the terminal's Ctrl-C, also when what it ended is over.
  process.on("SIGINT", () => {});
  const shown = lastSaid(messages, SHOWN_QUESTIONS);
  if (!chat.json && shown.length > 0) {
    const isAll = older === undefined && shown.length === messages.length;
    printDrawing([...drawMessages(shown, screenOf(process.stdout)), ""]);
    if (!isAll) say("There is more before that: /history");
  }
  say(`Conversation ${chat.conversation} with ${chat.agent}. /help lists commands, Ctrl-D ends.`);
  if (running !== undefined) await showExchange(chat, { run: running });
  const said: string[] = [];
  for (;;) {
    const line = await askLine("> ", { earlier: said });
    if (line === undefined) say("");
    if (line === undefined || line === "/quit") return chat.sayHowToGoOn();
    if (line === "") continue;
    said.unshift(line);
    if (isChatCommand(line)) await runChatCommand(chat, line).catch(sayError);
    else await showExchange(chat, { message: line });
  }
}

/** What goes wrong with one message does not end the chat. */
async function showExchange(chat: Chat, begin: Begin): Promise<void> {
  try {
    const { output, progress, wallMs } = await exchange(chat, begin, { cancels: true });
    if (chat.json) return printJson(output);
    const screen = screenOf(process.stdout);
    const { endedAt } = progress;
    // Where not all of it was told, or nothing was called, there is nothing to draw.
    const timeline =
      endedAt === undefined || output.toolCalls.length === 0 ? [] : drawTimeline(progress, endedAt, screen);
    printDrawing([...timeline, "", ...drawReply(output, wallMs, screen), ""]);
  } catch (error) {
    sayError(error);
  }
}

const sayError = (error: unknown): void => say(error instanceof Error ? error.message : String(error));
