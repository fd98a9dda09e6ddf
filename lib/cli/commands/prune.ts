import type { Command } from "commander";
import {
  type Candidate,
  type Installation,
  planPruning,
  removeCandidate,
  type Whereabouts,
} from "../../operate/index.ts";
import { asUsage, readNumber } from "../arguments.ts";
import { type Screen, screenOf } from "../drawing/screen.ts";
import { table } from "../drawing/table.ts";
import { addWhereabouts, operate } from "../operating.ts";
import { print, printDrawing, say } from "../output.ts";
import type { Project } from "../project.ts";

const MOST_KEPT = 100;

const HELP = `
A version goes when it is not the newest, new calls do not go there, and no run in flight needs it.`;

interface PruneFlags extends Whereabouts {
  yes: boolean;
  keep: number;
}

export default function prune(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--yes", "remove them", false)
    .option(
      "--keep <n>",
      "old versions that stay per function",
      asUsage(readNumber({ minValue: 0, maxValue: MOST_KEPT })),
      0,
    )
    .addHelpText("after", HELP)
    .action((flags: PruneFlags) =>
      operate(project, flags, async (installation, services) => {
        const candidates = await planPruning(installation, services, flags);
        if (flags.yes) await remove(installation, candidates.filter(goes));
        else show(candidates);
      }),
    );
}

const goes = ({ verdict }: Candidate) => verdict === "remove";

function show(candidates: readonly Candidate[]): void {
  printDrawing(drawCandidates(candidates, screenOf(process.stdout)));
  const going = candidates.filter(goes).length;
  say(going === 0 ? "\nNothing goes." : `\n${going} can go. Remove with: npx fanout prune --yes`);
}

async function remove(installation: Installation, going: readonly Candidate[]): Promise<void> {
  for (const candidate of going) {
    const needed = await removeCandidate(installation, candidate);
    const what = `version ${candidate.version} of ${candidate.functionName}`;
    print(needed === undefined ? `Removed ${what}.` : `Kept ${what}: ${needed}.`);
  }
  if (going.length === 0) print("Nothing goes.");
}

/** Draws what goes and what stays, each with its reason. */
export function drawCandidates(candidates: readonly Candidate[], { textWidth }: Screen): string[] {
  const rows = [
    ["function", "version", "registered", "warm", ""],
    ...candidates.map((candidate) => [
      candidate.functionName,
      candidate.version,
      candidate.deploymentId === undefined ? "no" : "yes",
      String(candidate.provisioned),
      `${goes(candidate) ? "goes" : "stays"}: ${candidate.reason}`,
    ]),
  ];
  return table(rows, textWidth);
}
