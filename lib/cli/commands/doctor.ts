import type { Command } from "commander";
import { diagnose, preflight, type Whereabouts } from "../../operate/index.ts";
import { bootstrapQualifier, deploymentSettings } from "../deploy/cdk.ts";
import { drawFindings } from "../drawing/findings.ts";
import { screenOf } from "../drawing/screen.ts";
import { addWhereabouts, installationOf } from "../operating.ts";
import { printDrawing, printJson } from "../output.ts";
import type { Project } from "../project.ts";
import { checkProject } from "../upgrade/check-project.ts";

interface DoctorFlags extends Whereabouts {
  json: boolean;
  preflight: boolean;
}

export default function doctor(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--preflight", "check what a deployment needs, before there is one", false)
    .option("--json", "print the findings as JSON", false)
    .action(async (flags: DoctorFlags) => {
      const findings = [...checkProject(project.root), ...(await examine(project, flags))];
      if (flags.json) printJson(findings, 2);
      else printDrawing(drawFindings(findings, screenOf(process.stdout)));
      const problems = findings.filter(({ level }) => level === "problem").length;
      if (problems > 0) throw new Error(`\n${problems === 1 ? "1 problem" : `${problems} problems`}.`);
    });
}

async function examine(project: Project, flags: DoctorFlags) {
  const { root, loadRoster } = project;
  if (!flags.preflight) return diagnose(() => installationOf(project, flags), loadRoster);
  const [environment, qualifier] = [deploymentSettings(root), bootstrapQualifier(root)];
  return (await preflight({ environment, loadRoster, whereabouts: flags, qualifier })).findings;
}
