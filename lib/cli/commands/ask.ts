import type { Command } from "commander";
import { AGENT_FLAG, agentNames, chooseAgent } from "../agent-choice.ts";
import { asUsage, readUrl } from "../arguments.ts";
import { environment } from "../environment.ts";
import type { Project } from "../project.ts";
import { deployedRestate, localPlatform } from "../restate-address.ts";
import { askUntilInterrupted } from "../run/ask-until-interrupted.ts";
import { addRunFlags, type RunFlags, runOptions } from "../run/options.ts";
import { adminOf } from "../run/request.ts";

interface AskFlags extends RunFlags {
  agent?: string;
  url?: string;
  token?: string;
  adminUrl?: string;
  idempotencyKey?: string;
  json: boolean;
}

export default function ask(command: Command, project: Project): void {
  addRunFlags(command)
    .argument("<question>", "what to ask")
    .option("--agent <name>", AGENT_FLAG)
    .option(
      "--url <url>",
      "a Restate ingress (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for the ingress (default: $RESTATE_TOKEN)")
    .option("--admin-url <url>", "a Restate admin API, to cancel the run by with --url", asUsage(readUrl))
    .option("--idempotency-key <key>", "the same key gets the same run")
    .option("--json", "print only the run's output, as JSON", false)
    .action((message: string, flags: AskFlags) => askQuestion(project, message, flags));
}

async function askQuestion(
  { root, loadRoster, defaults }: Project,
  message: string,
  flags: AskFlags,
): Promise<void> {
  const where = whereToAsk(root, flags);
  const agent =
    flags.agent ?? chooseAgent(await agentNames(loadRoster, adminOf(where)), undefined, defaults.agent);
  await askUntilInterrupted({ ...where, ...flags, agent, input: { message, ...runOptions(flags) } });
}

function whereToAsk(root: string, { url, token = environment.RESTATE_TOKEN, adminUrl }: AskFlags) {
  if (url) return { ingressUrl: url, token, adminUrl };
  const deployed = deployedRestate();
  return deployed ? { ...deployed, token, ...(adminUrl && { adminUrl }) } : localPlatform(root);
}
