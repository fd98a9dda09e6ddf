import type { Command } from "commander";
import type { Whereabouts } from "../../operate/index.ts";
import { asUsage, readInvocationId } from "../arguments.ts";
import { cut } from "../drawing/fit.ts";
import { addWhereabouts, installationOf } from "../operating.ts";
import { say } from "../output.ts";
import type { Project } from "../project.ts";
import { askUntilInterrupted } from "../run/ask-until-interrupted.ts";
import { readRecord } from "../run/record.ts";

/** How much of an input is shown, in characters. */
const MAX_INPUT_LENGTH = 300;

const HELP = `
It is a new run: the model is asked again, the tools are called again, writes too. The first one stays as it is.`;

export default function replay(command: Command, project: Project): void {
  addWhereabouts(command)
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option("--json", "print only the run's output, as JSON", false)
    .addHelpText("after", HELP)
    .action(async (id: string, flags: Whereabouts & { json: boolean }) => {
      const { admin, ingressUrl } = installationOf(project, flags);
      const { agent, input } = await readRecord(admin, id);
      if (input === undefined)
        throw new Error(`Restate no longer has the input of ${id}: it keeps a run for a day after its end.`);
      say(`> ${agent} ${cut(JSON.stringify(input), MAX_INPUT_LENGTH)}`);
      const where = { ingressUrl, adminUrl: admin.url, token: admin.token };
      await askUntilInterrupted({ ...where, agent, input, json: flags.json });
    });
}
