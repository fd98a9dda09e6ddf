import type { Command } from "commander";
import {
  findInstallation,
  type Installation,
  inWords,
  type Service,
  servicesOf,
  type Whereabouts,
} from "../operate/index.ts";
import { asUsage, readUrl } from "./arguments.ts";
import { environment } from "./environment.ts";
import type { Project } from "./project.ts";
import { readState } from "./state-file.ts";

const WHERE = `
It works on the local platform of this project, if one runs; with FANOUT_TARGET (cloud, existing or self-hosted) and the
deployment's other settings, on that deployment, with your AWS credentials (AWS_PROFILE, AWS_REGION).`;

/** Adds the options of every command that shows or changes what runs, on the local platform or where FANOUT_TARGET says. */
export function addWhereabouts(command: Command): Command {
  return addRestateFlags(command).addHelpText("after", WHERE);
}

/** Adds the options that say where a deployment's Restate is. */
export function addRestateFlags(command: Command): Command {
  return command
    .option("--token <token>", "Restate's API key (default: $RESTATE_TOKEN)")
    .option("--admin-url <url>", "Restate's admin API, where FANOUT_TARGET does not say", asUsage(readUrl))
    .option("--ingress-url <url>", "Restate's ingress, where FANOUT_TARGET does not say", asUsage(readUrl));
}

/** Runs `work` with the installation and the services declared for it, and puts AWS's errors into plain words. */
export async function operate(
  project: Project,
  whereabouts: Whereabouts,
  work: (installation: Installation, services: readonly Service[]) => Promise<void>,
): Promise<void> {
  try {
    const installation = installationOf(project, whereabouts);
    await work(installation, servicesOf(await project.loadRoster(), installation));
  } catch (error) {
    throw inWords(error);
  }
}

/** @throws TypeError for wrong settings; Error when there is nothing to operate, or its address is unknown. */
export function installationOf({ root }: Project, whereabouts: Whereabouts): Installation {
  return findInstallation(environment, readState(root), whereabouts);
}
