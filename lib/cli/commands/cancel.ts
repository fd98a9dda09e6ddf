import type { Command } from "commander";
import type { Admin } from "../../restate/index.ts";
import { asUsage, readInvocationId, readUrl } from "../arguments.ts";
import { environment } from "../environment.ts";
import type { Project } from "../project.ts";
import { deployedRestate, localPlatform } from "../restate-address.ts";
import { cancelRun, killRun } from "../run/cancel-run.ts";

interface CancelFlags {
  adminUrl?: string;
  token?: string;
  kill: boolean;
}

export default function cancel(command: Command, { root }: Project): void {
  command
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option(
      "--admin-url <url>",
      "a Restate admin API (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for that admin API (default: $RESTATE_TOKEN)")
    .option("--kill", "end it also where its agent cannot be asked", false)
    .action((id: string, flags: CancelFlags) =>
      (flags.kill ? killRun : cancelRun)(whereToCancel(root, flags), id),
    );
}

function whereToCancel(root: string, flags: CancelFlags): Admin {
  const { adminUrl = deployedRestate()?.adminUrl, token = environment.RESTATE_TOKEN } = flags;
  return adminUrl ? { url: adminUrl, token } : { url: localPlatform(root).adminUrl };
}
