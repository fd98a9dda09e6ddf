import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Whereabouts } from "../../operate/index.ts";
import { AGENT_FLAG, chooseAgent } from "../agent-choice.ts";
import { deploy as deployInSteps } from "../deploy/deploy.ts";
import { type DeployOptions, stepsFor } from "../deploy/steps.ts";
import { addRestateFlags } from "../operating.ts";
import type { Project } from "../project.ts";

const HELP = `
It stops at the first step that fails: what "doctor --preflight" checks, synthesis, "cdk diff", your answer, "cdk deploy",
what "doctor" checks, and a question to an agent. Until your answer nothing is changed.
Restate's API key is the one in the deployment's secret; --token and RESTATE_TOKEN replace it, if you may not read the secret.
Exit code 0: it is deployed and works. 1: it is not deployed, or does not work; the last line says which.`;

interface DeployFlags extends Whereabouts {
  yes: boolean;
  assembly?: string;
  agent?: string;
  /** False: none. */
  smoke?: string | false;
}

export default function deploy(command: Command, project: Project): void {
  addRestateFlags(command)
    .option("--yes", "deploy without asking", false)
    .option("--assembly <folder>", "deploy this cloud assembly, which `cdk synth` has made")
    .option("--agent <name>", AGENT_FLAG)
    .option("--smoke <question>", "what to ask the agent at the end")
    .option("--no-smoke", "ask no agent")
    .addHelpText("after", HELP)
    .action(async (flags: DeployFlags) => {
      const options = await read(project, flags);
      const folder = mkdtempSync(join(tmpdir(), "fanout-deploy-"));
      try {
        await deployInSteps(stepsFor(project, options, folder));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
}

/** Finds the agent before anything is deployed. */
async function read(project: Project, flags: DeployFlags): Promise<DeployOptions> {
  const { agent, smoke, assembly, ...rest } = flags;
  const question = smoke ?? (await project.loadDefaults()).smokeQuestion ?? "What can you do?";
  return {
    ...rest,
    assembly: assembly === undefined ? undefined : resolve(assembly),
    smoke: question === false ? undefined : { question, agent: await chosen(project, agent) },
  };
}

async function chosen({ loadRoster, loadDefaults }: Project, named: string | undefined): Promise<string> {
  const { agents } = await loadRoster();
  const defaults = await loadDefaults();
  return chooseAgent(
    agents.map(({ name }) => name),
    named,
    defaults.agent,
  );
}
