import type { Command } from "commander";
import type { Whereabouts } from "../../operate/index.ts";
import { asUsage, readInvocationId } from "../arguments.ts";
import { drawRecord } from "../drawing/record.ts";
import { screenOf } from "../drawing/screen.ts";
import { addWhereabouts, installationOf } from "../operating.ts";
import { printDrawing, printJson } from "../output.ts";
import type { Project } from "../project.ts";
import { readRecord } from "../run/record.ts";

const HELP = `
What is long is cut; --json has all of it. It is read from Restate, which keeps a run for a day after its end.`;

export default function show(command: Command, project: Project): void {
  addWhereabouts(command)
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option("--json", "print all of it as JSON", false)
    .addHelpText("after", HELP)
    .action(async (id: string, flags: Whereabouts & { json: boolean }) => {
      const run = await readRecord(installationOf(project, flags).admin, id);
      if (flags.json) printJson(run, 2);
      else printDrawing(drawRecord(run, Date.now(), screenOf(process.stdout)));
    });
}
