import type { Command } from "commander";
import type { Whereabouts } from "../../operate/index.ts";
import { asUsage, readInvocationId, readSpan } from "../arguments.ts";
import { drawLog } from "../drawing/log.ts";
import { screenOf } from "../drawing/screen.ts";
import { addWhereabouts } from "../operating.ts";
import { print, printDrawing, printJson } from "../output.ts";
import type { Project } from "../project.ts";
import { deployedRestate } from "../restate-address.ts";
import { readDeployedLog, readLocalLog } from "../run/logs.ts";

const HELP = `
All lines of the agent, its tools, their parts and sub-agents, in order of time; also what a tool has written itself. On the local
platform they come from .fanout/functions.log, which begins anew with each start; on a deployment from CloudWatch, which takes
some seconds to have new ones. That needs logs:StartQuery, logs:GetQueryResults and lambda:GetFunctionConfiguration.`;

interface LogsFlags extends Whereabouts {
  /** A time span, in ms. */
  since?: number;
  json: boolean;
}

export default function logs(command: Command, project: Project): void {
  addWhereabouts(command)
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option(
      "--since <time>",
      "look so far back (30s, 15m, 2h, 1d), for a run that Restate no longer has",
      asUsage(readSpan),
    )
    .option("--json", "print one JSON object per line", false)
    .addHelpText("after", HELP)
    .action(async (id: string, flags: LogsFlags) => {
      const lines = await (deployedRestate() ? readDeployedLog : readLocalLog)(project, flags, id);
      if (flags.json) for (const line of lines) printJson(line);
      else if (lines.length === 0) print(`No line of ${id} is in the log.`);
      else printDrawing(drawLog(lines, screenOf(process.stdout)));
    });
}
