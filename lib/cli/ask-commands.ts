import type { Command } from "commander";
import type { Roster } from "../deployment/index.ts";
import { readDeploymentConfig, restateUrls } from "../deployment/index.ts";
import type { Admin } from "../restate/index.ts";
import { AGENT_FLAG, agentNames, chooseAgent, type Defaults } from "./agent-choice.ts";
import { asUsage, readInvocationId, readUrl } from "./arguments.ts";
import { ask } from "./ask.ts";
import { cancelRun, offerToCancel, StoppedWatching } from "./cancel.ts";
import { environment } from "./environment.ts";
import { adminOf } from "./run.ts";
import { type RunFlags, runFlags, runOptions } from "./run-options.ts";
import { type PlatformState, readState } from "./state-file.ts";

/** Adds `ask` and `cancel`: on the local platform, where FANOUT_TARGET says, or at any ingress. */
export function addAskCommands(
  fanout: Command,
  root: string,
  loadRoster: () => Promise<Roster>,
  defaults: Defaults,
): void {
  runFlags(fanout.command("ask"))
    .description(
      "ask an agent; on the local platform, where FANOUT_TARGET says, or at any ingress with --url",
    )
    .argument("<question>", "what to ask")
    .option("--agent <name>", AGENT_FLAG)
    .option(
      "--url <url>",
      "a Restate ingress (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for the ingress (default: $RESTATE_TOKEN)")
    .option("--admin-url <url>", "a Restate admin API, to show progress from with --url", asUsage(readUrl))
    .option("--idempotency-key <key>", "the same key gets the same run")
    .option("--json", "print only the run's output, as JSON", false)
    .action(async (message: string, flags: AskFlags) => {
      const where = whereToAsk(root, flags);
      const interrupt = new AbortController();
      // Stays in place: npm repeats the terminal's Ctrl-C.
      process.on("SIGINT", () => interrupt.abort());
      try {
        const agent =
          flags.agent ?? chooseAgent(await agentNames(loadRoster, adminOf(where)), undefined, defaults.agent);
        const options = runOptions(flags);
        await ask({ ...where, ...flags, agent, message, options, signal: interrupt.signal });
      } catch (error) {
        if (!(error instanceof StoppedWatching)) throw error;
        await offerToCancel(error, adminOf(where));
      }
    });

  fanout
    .command("cancel")
    .description("cancel a run and its calls")
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option(
      "--admin-url <url>",
      "a Restate admin API (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for that admin API (default: $RESTATE_TOKEN)")
    .action((id: string, flags: { adminUrl?: string; token?: string }) =>
      cancelRun(whereToCancel(root, flags), id),
    );
}

interface AskFlags extends RunFlags {
  agent?: string;
  url?: string;
  token?: string;
  adminUrl?: string;
  idempotencyKey?: string;
  json: boolean;
}

function whereToAsk(root: string, { url, token = environment.RESTATE_TOKEN, adminUrl }: AskFlags) {
  if (url) return { ingressUrl: url, token, adminUrl };
  const deployed = deployedRestate();
  return deployed ? { ...deployed, token, ...(adminUrl && { adminUrl }) } : localPlatform(root);
}

function whereToCancel(root: string, flags: { adminUrl?: string; token?: string }): Admin {
  const { adminUrl = deployedRestate()?.adminUrl, token = environment.RESTATE_TOKEN } = flags;
  return adminUrl ? { url: adminUrl, token } : { url: localPlatform(root).adminUrl };
}

/** The Restate of the deployment that FANOUT_TARGET names, if it names one. */
function deployedRestate() {
  return restateUrls(readDeploymentConfig(environment).target);
}

function localPlatform(root: string): PlatformState {
  const state = readState(root);
  if (state) return state;
  throw new Error(
    "No local platform runs here. Start one with: npx fanout up (or name an ingress with --url)",
  );
}
