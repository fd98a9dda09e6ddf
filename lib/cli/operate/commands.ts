import type { Command } from "commander";
import type { Roster } from "../../deployment/index.ts";
import type { Whereabouts } from "../../operate/index.ts";
import { scalingBounds } from "../../tool/index.ts";
import { asUsage, readInvocationId, readNumber, readUrl } from "../arguments.ts";

const MOST_KEPT = 100;

/**
 * Adds the commands that show and change what runs: on the local platform, or where FANOUT_TARGET says.
 * @param loadRoster reads the contracts; only these commands need them.
 */
export function addOperatingCommands(fanout: Command, root: string, loadRoster: () => Promise<Roster>): void {
  const given = (flags: Whereabouts) => ({ root, loadRoster, flags });
  // AWS's client is large, and other commands do without.
  const actions = () => import("./actions.ts");
  const operating = (name: string) =>
    fanout
      .command(name)
      .option("--token <token>", "Restate's API key (default: $RESTATE_TOKEN)")
      .option("--admin-url <url>", "Restate's admin API, where FANOUT_TARGET does not say", asUsage(readUrl))
      .option("--ingress-url <url>", "Restate's ingress, where FANOUT_TARGET does not say", asUsage(readUrl))
      .addHelpText("after", WHERE);

  operating("status")
    .description("show every service: versions, limits, what is in use, and where that is not as declared")
    .option("--json", "print it as JSON", false)
    .action(async (flags: Whereabouts & { json: boolean }) =>
      (await actions()).showStatus(given(flags), flags),
    );

  operating("scale")
    .description("change how one service runs, now")
    .argument("<service>", "a tool or an agent")
    .option(
      "--max-concurrency <n|none>",
      "calls at once: Lambda's reserved concurrency, and Restate's limit where it has flow control",
      asUsage(readLimit),
    )
    .option(
      "--provisioned <n>",
      "environments that Lambda keeps warm, and bills",
      asUsage(readNumber(scalingBounds.provisioned)),
    )
    .option("--memory <mb>", "memory, and CPU with it", asUsage(readNumber(scalingBounds.memoryMb)))
    .addHelpText("after", SCALE)
    .action(async (service: string, flags: ScaleFlags, command: Command) => {
      const { maxConcurrency, provisioned, memory: memoryMb } = flags;
      const change = { maxConcurrency, provisioned, memoryMb };
      if (Object.values(change).every((value) => value === undefined)) {
        command.error("error: expected --max-concurrency, --provisioned or --memory");
      }
      await (await actions()).scaleService(given(flags), service, change);
    });

  operating("prune")
    .description(
      "list function versions and deployments that nothing needs any longer; remove them with --yes",
    )
    .option("--yes", "remove them", false)
    .option(
      "--keep <n>",
      "old versions that stay per function",
      asUsage(readNumber({ minValue: 0, maxValue: MOST_KEPT })),
      0,
    )
    .addHelpText("after", PRUNE)
    .action(async (flags: Whereabouts & { yes: boolean; keep: number }) =>
      (await actions()).prune(given(flags), flags),
    );

  operating("doctor")
    .description("find what is wrong, and say what to do; exit code 1 if there is a problem")
    .option("--json", "print the findings as JSON", false)
    .action(async (flags: Whereabouts & { json: boolean }) =>
      (await actions()).showDiagnosis(given(flags), flags),
    );

  operating("redrive")
    .description("list runs that are paused, or fail again and again; resume or cancel them")
    .option("--resume [id...]", "let these go on", asUsage(readIds))
    .option("--cancel [id...]", "cancel these and their calls", asUsage(readIds))
    .option("--all", "all that are listed", false)
    .option(
      "--on-latest",
      "with --resume: on the newest version, in place of the one that they began on",
      false,
    )
    .addHelpText("after", REDRIVE)
    .action(async (flags: RedriveFlags, command: Command) => {
      if (flags.resume && flags.cancel) command.error("error: expected --resume or --cancel, not both");
      const chosen = flags.resume ?? flags.cancel;
      await (await actions()).redriveRuns(given(flags), {
        remedy: flags.cancel
          ? { kind: "cancel" }
          : flags.resume && { kind: "resume", onLatest: flags.onLatest },
        ids: Array.isArray(chosen) ? chosen : [],
        all: flags.all,
      });
    });
}

interface ScaleFlags extends Whereabouts {
  maxConcurrency?: number | "none";
  provisioned?: number;
  memory?: number;
}

interface RedriveFlags extends Whereabouts {
  /** True without ids. */
  resume?: true | string[];
  cancel?: true | string[];
  all: boolean;
  onLatest: boolean;
}

function readLimit(text: string): number | "none" {
  return text === "none" ? text : readNumber(scalingBounds.maxConcurrency)(text);
}

function readIds(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), readInvocationId(text)];
}

const WHERE = `
It works on the local platform of this project, if one runs; with FANOUT_TARGET (cloud, existing or self-hosted) and the
deployment's other settings, on that deployment, with your AWS credentials (AWS_PROFILE, AWS_REGION).`;

const SCALE = `
New memory is a new version of the function: Restate sends new calls there, and runs in flight end on the version that
they began on. Provisioned concurrency belongs to the version that new calls go to. There is no alias, because one that
moves would change the code under a run that is in flight.
A lower limit is set at Restate first, a higher one at Lambda first, so that Lambda throttles no call.`;

const PRUNE = `
A version goes when it is not the newest, new calls do not go there, and no run in flight needs it.`;

const REDRIVE = `
Listed is what is paused, what was tried more than 5 times, and what backs off without progress for 60 s.`;
