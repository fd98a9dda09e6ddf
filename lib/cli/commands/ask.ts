import type { Command } from "commander";
import { AGENT_FLAG, agentToAsk } from "../agent-choice.ts";
import type { Project } from "../project.ts";
import { type AddressFlags, addAddressFlags, whereToAsk } from "../restate-address.ts";
import { askUntilInterrupted } from "../run/ask-until-interrupted.ts";
import { addRunFlags, type RunFlags, runOptions } from "../run/options.ts";
import { adminOf } from "../run/request.ts";

interface AskFlags extends RunFlags, AddressFlags {
  agent?: string;
  idempotencyKey?: string;
  json: boolean;
}

export default function ask(command: Command, project: Project): void {
  addRunFlags(command).argument("<question>", "what to ask").option("--agent <name>", AGENT_FLAG);
  addAddressFlags(command, "to cancel the run by")
    .option("--idempotency-key <key>", "the same key gets the same run")
    .option("--json", "print only the run's output, as JSON", false)
    .action((message: string, flags: AskFlags) => askQuestion(project, message, flags));
}

async function askQuestion(project: Project, message: string, flags: AskFlags): Promise<void> {
  const where = whereToAsk(project.root, flags);
  const agent = await agentToAsk(project, adminOf(where), flags.agent);
  await askUntilInterrupted({ ...where, ...flags, agent, input: { message, ...runOptions(flags) } });
}
