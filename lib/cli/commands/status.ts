import type { Command } from "commander";
import { readStatus, type Whereabouts } from "../../operate/index.ts";
import { screenOf } from "../drawing/screen.ts";
import { drawStatus } from "../drawing/service-status.ts";
import { addWhereabouts, operate } from "../operating.ts";
import { printDrawing, printJson } from "../output.ts";
import type { Project } from "../project.ts";

export default function status(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--json", "print it as JSON", false)
    .action((flags: Whereabouts & { json: boolean }) =>
      operate(project, flags, async (installation, services) => {
        const status = await readStatus(installation, services);
        const where = { name: installation.name, adminUrl: installation.admin.url };
        if (flags.json) printJson(status, 2);
        else printDrawing(drawStatus(status, where, screenOf(process.stdout)));
      }),
    );
}
