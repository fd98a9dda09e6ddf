import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { AGENT_FLAG, agentToAsk } from "../agent-choice.ts";
import { asUsage, quoted } from "../arguments.ts";
import { Chat } from "../chat/chat.ts";
import { chatHelp } from "../chat/commands.ts";
import { chatByLines } from "../chat/lines.ts";
import { chatAtTerminal } from "../chat/terminal.ts";
import { canAsk } from "../confirm.ts";
import type { Project } from "../project.ts";
import { type AddressFlags, addAddressFlags, whereToAsk } from "../restate-address.ts";
import { conversationId } from "../run/conversation.ts";
import { addRunFlags, type RunFlags, runOptions } from "../run/options.ts";
import { adminOf } from "../run/request.ts";

interface ChatFlags extends RunFlags, AddressFlags {
  agent?: string;
  conversation?: string;
  json: boolean;
}

const help = () => `
Commands:
${chatHelp()}

Ctrl-C cancels the run in progress; at the prompt it ends the chat. While the platform is away, the chat waits for it.
Without a terminal each line of stdin is a message. The answers are printed on stdout; exit code 1 if there was none to one of them.`;

export default function chat(command: Command, project: Project): void {
  addRunFlags(command)
    .option("--agent <name>", AGENT_FLAG)
    .option("--conversation <id>", "go on with a conversation (default: a new one)", asUsage(conversationId));
  addAddressFlags(command, "to cancel runs by")
    .option("--json", "print only the runs' outputs, as lines of JSON", false)
    .addHelpText("after", help)
    .action((flags: ChatFlags) => talk(project, flags));
}

async function talk(project: Project, flags: ChatFlags): Promise<void> {
  const findPlace = () => whereToAsk(project.root, flags);
  const agent = await agentToAsk(project, adminOf(findPlace()), flags.agent);
  const { conversation = randomUUID(), json } = flags;
  const goOn = (id: string) => goOnWith(id, flags);
  const chat = new Chat({ agent, conversation, findPlace, input: runOptions(flags), json, goOn });
  const history = await chat.open();
  await (canAsk() ? chatAtTerminal(chat, history) : chatByLines(chat));
}

/** The command that goes on with a conversation. A token is not shown. */
function goOnWith(conversation: string, { agent, url, adminUrl }: ChatFlags): string {
  const flags = Object.entries({ agent, url, "admin-url": adminUrl, conversation });
  const given = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${word(value)}`]));
  return ["npx fanout chat", ...given].join(" ");
}

const word = (text: string): string => (/^[\w.:/-]+$/.test(text) ? text : quoted(text));
