import type { Command } from "commander";
import { diagnose, type Finding, type Whereabouts } from "../../operate/index.ts";
import { pad, wrap } from "../drawing/fit.ts";
import { printableLine } from "../drawing/printable.ts";
import { type Screen, screenOf } from "../drawing/screen.ts";
import { addWhereabouts, installationOf } from "../operating.ts";
import { printDrawing, printJson } from "../output.ts";
import type { Project } from "../project.ts";

export default function doctor(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--json", "print the findings as JSON", false)
    .action(async (flags: Whereabouts & { json: boolean }) => {
      const findings = await diagnose(() => installationOf(project, flags), project.loadRoster);
      if (flags.json) printJson(findings, 2);
      else printDrawing(drawFindings(findings, screenOf(process.stdout)));
      const problems = findings.filter(({ level }) => level === "problem").length;
      if (problems > 0) throw new Error(`\n${problems === 1 ? "1 problem" : `${problems} problems`}.`);
    });
}

const LEVEL_WIDTH = "problem".length + 2;
const COLORS = { ok: "green", warning: "yellow", problem: "red" } as const;
/** In columns: longer lines are hard to read. */
const MAX_WIDTH = 100;
/** If less room is left beside the name of the check, the text goes below it. */
const MIN_TEXT_WIDTH = 40;

/** Draws findings as a list, each with its advice below it. */
export function drawFindings(findings: readonly Finding[], { columns, paint }: Screen): string[] {
  const checks = findings.map(({ check }) => printableLine(check));
  const checkWidth = Math.max(...checks.map((check) => check.length)) + 2;
  const width = Math.min(columns, MAX_WIDTH);
  const isBeside = width - LEVEL_WIDTH - checkWidth >= MIN_TEXT_WIDTH;
  const indent = isBeside ? LEVEL_WIDTH + checkWidth : LEVEL_WIDTH;
  return findings.flatMap(({ level, text, advice }, index) => {
    const lines = [text, ...(advice === undefined ? [] : [advice])].flatMap((part) =>
      wrap(part, width - indent),
    );
    const head = paint(COLORS[level], pad(level, LEVEL_WIDTH)) + pad(checks[index] ?? "", checkWidth);
    const [first, ...more] = isBeside ? lines : [undefined, ...lines];
    return [
      first === undefined ? head.trimEnd() : head + first,
      ...more.map((line) => " ".repeat(indent) + line),
    ];
  });
}
