import type { Command } from "commander";
import {
  type Installation,
  type Remedy,
  readStuckRuns,
  redrive as redriveRun,
  type Whereabouts,
} from "../../operate/index.ts";
import type { StuckRun } from "../../restate/index.ts";
import { asUsage, readInvocationId } from "../arguments.ts";
import { screenOf } from "../drawing/screen.ts";
import { drawStuckRuns } from "../drawing/stuck-runs.ts";
import { addWhereabouts, operate } from "../operating.ts";
import { print, printDrawing, say } from "../output.ts";
import type { Project } from "../project.ts";

const HELP = `
Listed is what is paused, what was tried more than 5 times, and what backs off without progress for 60 s.`;

interface RedriveFlags extends Whereabouts {
  /** True without ids. */
  resume?: true | string[];
  cancel?: true | string[];
  kill?: true | string[];
  all: boolean;
  onLatest: boolean;
}

export default function redrive(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--resume [id...]", "let these go on", asUsage(readIds))
    .option("--cancel [id...]", "ask these and their calls to end", asUsage(readIds))
    .option("--kill [id...]", "end these and their calls, also where they cannot be asked", asUsage(readIds))
    .option("--all", "all that are listed", false)
    .option(
      "--on-latest",
      "with --resume: on the newest version, in place of the one that they began on",
      false,
    )
    .addHelpText("after", HELP)
    .action(async (flags: RedriveFlags) => {
      const asked = [flags.resume, flags.cancel, flags.kill].filter((ids) => ids !== undefined);
      if (asked.length > 1) command.error("error: expected one of --resume, --cancel and --kill");
      const [named] = asked;
      const ids = Array.isArray(named) ? named : [];
      const remedy = remedyOf(flags);
      await operate(project, flags, async (installation, services) => {
        const list = async () => readStuckRuns(installation, services);
        if (remedy === undefined || (ids.length === 0 && !flags.all)) show(await list());
        else await redriveAll(installation, remedy, flags.all ? (await list()).map(({ id }) => id) : ids);
      });
    });
}

function readIds(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), readInvocationId(text)];
}

function remedyOf({ resume, cancel, kill, onLatest }: RedriveFlags): Remedy | undefined {
  if (cancel) return { kind: "cancel" };
  if (kill) return { kind: "kill" };
  return resume && { kind: "resume", onLatest };
}

function show(stuck: readonly StuckRun[]): void {
  if (stuck.length === 0) {
    print("Nothing is stuck.");
    return;
  }
  printDrawing(drawStuckRuns(stuck, Date.now(), screenOf(process.stdout)));
  say("\nGo on with: npx fanout redrive --resume <id …>, or --cancel, or --kill; --all takes all of these.");
}

/** What was done, in words. A cancellation is only asked for: what is running ends when it sees that. */
const DONE: Record<Remedy["kind"], string> = { resume: "resumed", cancel: "asked to cancel", kill: "killed" };

/** @throws Error when it could not be done to some, after all were tried. */
async function redriveAll(installation: Installation, remedy: Remedy, ids: readonly string[]): Promise<void> {
  const done = DONE[remedy.kind];
  let failed = 0;
  for (const id of ids) {
    try {
      await redriveRun(installation, id, remedy);
      print(`${done[0]?.toUpperCase()}${done.slice(1)} ${id}.`);
    } catch (error) {
      failed++;
      say((error as Error).message);
    }
  }
  if (ids.length === 0) print("Nothing is stuck.");
  if (failed > 0)
    throw new Error(
      `${failed} of ${ids.length} could not be ${remedy.kind === "cancel" ? "cancelled" : done}.`,
    );
}
