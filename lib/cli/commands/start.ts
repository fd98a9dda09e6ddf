import type { Command } from "commander";
import { AGENT_FLAG, AgentChoiceError, agentNames, chooseAgent } from "../agent-choice.ts";
import { say, sayUnbroken } from "../output.ts";
import { addPlatformFlags, type PlatformFlags } from "../platform/flags.ts";
import { firstQuestion, whatNext } from "../platform/what-next.ts";
import { withPlatform } from "../platform/with-platform.ts";
import type { Project } from "../project.ts";
import { askAgent } from "../run/ask-agent.ts";

interface StartFlags extends PlatformFlags {
  agent?: string;
  once?: boolean;
}

export default function start(command: Command, project: Project): void {
  addPlatformFlags(command, project)
    .argument("[question]", "what to ask")
    .option("--agent <name>", AGENT_FLAG)
    .option("--once", "end after the answer")
    .action((question: string | undefined, flags: StartFlags) => startAndAsk(project, question, flags));
}

async function startAndAsk(project: Project, question: string | undefined, flags: StartFlags): Promise<void> {
  const agents = () => agentNames(project.loadRoster, undefined);
  const defaults = await project.loadDefaults();
  const choose = async () => chooseAgent(await agents(), flags.agent, defaults.agent);
  // Deploying a broken contract gives the best error.
  await choose().catch((error) => error instanceof AgentChoiceError && Promise.reject(error));
  let answered = false;
  const watch = flags.watch && !flags.once;
  await withPlatform(project, { ...flags, watch }, async (platform, ended) => {
    const agent = await choose();
    const message = question ?? firstQuestion(agent, defaults);
    say(`\n> ${message}\n`);
    const invocationId = await askAgent({ ...platform, agent, input: { message }, json: false });
    answered = true;
    if (flags.once) return;
    sayUnbroken(whatNext(platform, await agents(), defaults, { agent, invocationId }));
    await ended;
  });
  if (!answered) throw new Error("Ended before the answer.");
}
