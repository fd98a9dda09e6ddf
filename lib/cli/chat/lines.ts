import { createInterface } from "node:readline";
import { inText } from "../drawing/summary.ts";
import { print, printJson, say } from "../output.ts";
import { StoppedWatching } from "../run/cancel-run.ts";
import type { Chat } from "./chat.ts";
import { exchange } from "./exchange.ts";

/**
 * A chat whose messages are the lines of stdin: the answers are printed on stdout, all else on stderr.
 * @throws Error when a message was not answered, after all of them; StoppedWatching at Ctrl-C.
 */
export async function chatByLines(chat: Chat): Promise<void> {
  let messages = 0;
  let failed = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = line.trim();
    if (message === "") continue;
    messages += 1;
    if (!(await printAnswer(chat, message))) failed += 1;
  }
  chat.sayHowToGoOn();
  if (failed > 0) throw new Error(`${failed} of ${messages} messages got no answer.`);
}

async function printAnswer(chat: Chat, message: string): Promise<boolean> {
  try {
    const { output } = await exchange(chat, { message });
    if (chat.json) printJson(output);
    else print(inText(output.answer));
    return true;
  } catch (error) {
    if (error instanceof StoppedWatching) throw error;
    say((error as Error).message);
    return false;
  }
}
