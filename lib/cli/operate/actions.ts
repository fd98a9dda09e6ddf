import { agentFolder } from "../../agent/index.ts";
import type { Roster } from "../../deployment/index.ts";
import {
  type Change,
  diagnose,
  findInstallation,
  findService,
  type Installation,
  inWords,
  planPruning,
  type Remedy,
  readStatus,
  readStuckRuns,
  redrive,
  removeCandidate,
  type ServiceStatus,
  scale,
  type Whereabouts,
} from "../../operate/index.ts";
import { environment } from "../environment.ts";
import { print, printDrawing, printJson, say } from "../output.ts";
import { type Screen, screenOf } from "../screen.ts";
import { readState } from "../state-file.ts";
import { drawCandidates } from "./draw-candidates.ts";
import { drawFindings } from "./draw-findings.ts";
import { drawChange, drawStatus } from "./draw-status.ts";
import { drawStuckRuns } from "./draw-stuck-runs.ts";

/** What every operating command is given. */
export interface Given {
  /** The project's folder. */
  root: string;
  loadRoster: () => Promise<Roster>;
  flags: Whereabouts;
}

const screen = (): Screen => screenOf(process.stdout);

/** Runs a command on what is to be operated; AWS's errors become a person's words. */
async function operate(given: Given, work: (installation: Installation, roster: Roster) => Promise<void>) {
  try {
    await work(find(given), await given.loadRoster());
  } catch (error) {
    throw inWords(error);
  }
}

const find = ({ root, flags }: Given) => findInstallation(environment, readState(root), flags);

export function showStatus(given: Given, { json }: { json: boolean }): Promise<void> {
  return operate(given, async (installation, roster) => {
    const status = await readStatus(installation, roster);
    const where = { name: installation.name, adminUrl: installation.admin.url };
    if (json) printJson(status, 2);
    else printDrawing(drawStatus(status, where, screen()));
  });
}

export function scaleService(given: Given, name: string, change: Change): Promise<void> {
  return operate(given, async (installation, roster) => {
    const service = findService(roster, installation, name);
    const { before, after } = await scale(installation, service, change, say);
    printDrawing(["", ...drawChange(before, after)]);
    if (after.differences.length > 0) say(`\n${reminder(after, installation)}`);
  });
}

/** What a person who changed a service has to know. */
function reminder({ kind, name, differences }: ServiceStatus, { stage }: Installation): string {
  const contract =
    kind === "tool"
      ? `functions/tools/${name}/tool.ts`
      : `functions/agents/${agentFolder({ name })}/agent.ts`;
  return [
    `${contract}, or functions/scaling.ts for stage ${stage}, says otherwise:`,
    ...differences.map(({ text }) => `  ${text}`),
    "The next deployment that changes this function sets it back. Declare it there to keep it.",
  ].join("\n");
}

export function prune(given: Given, { yes, keep }: { yes: boolean; keep: number }): Promise<void> {
  return operate(given, async (installation, roster) => {
    const candidates = await planPruning(installation, roster, { keep });
    const going = candidates.filter(({ verdict }) => verdict === "remove");
    if (!yes) {
      printDrawing(drawCandidates(candidates, screen()));
      say(
        going.length === 0
          ? "\nNothing goes."
          : `\n${going.length} can go. Remove with: npx fanout prune --yes`,
      );
      return;
    }
    for (const candidate of going) {
      const needed = await removeCandidate(installation, candidate);
      const what = `version ${candidate.version} of ${candidate.functionName}`;
      print(needed === undefined ? `Removed ${what}.` : `Kept ${what}: ${needed}.`);
    }
    if (going.length === 0) print("Nothing goes.");
  });
}

/** @throws Error when there is a problem, after everything was printed. */
export async function showDiagnosis(given: Given, { json }: { json: boolean }): Promise<void> {
  const findings = await diagnose(() => find(given), given.loadRoster);
  if (json) printJson(findings, 2);
  else printDrawing(drawFindings(findings, screen()));
  const problems = findings.filter(({ level }) => level === "problem").length;
  if (problems > 0) throw new Error(`\n${problems === 1 ? "1 problem" : `${problems} problems`}.`);
}

/** What is asked of `redrive`: nothing, or a remedy for some runs, or for all that it lists. */
export interface Redriving {
  remedy: Remedy | undefined;
  ids: readonly string[];
  all: boolean;
}

/** @throws Error when a run could not be helped, after all were tried. */
export function redriveRuns(given: Given, { remedy, ids, all }: Redriving): Promise<void> {
  return operate(given, async (installation, roster) => {
    if (remedy === undefined || (ids.length === 0 && !all)) {
      const stuck = await readStuckRuns(installation, roster);
      if (stuck.length === 0) print("Nothing is stuck.");
      else printDrawing(drawStuckRuns(stuck, Date.now(), screen()));
      if (stuck.length > 0)
        say("\nGo on with: npx fanout redrive --resume <id …>, or --cancel; --all takes all of these.");
      return;
    }
    const chosen = all ? (await readStuckRuns(installation, roster)).map(({ id }) => id) : ids;
    let failed = 0;
    for (const id of chosen) {
      try {
        await redrive(installation, id, remedy);
        print(`${remedy.kind === "cancel" ? "Cancelled" : "Resumed"} ${id}.`);
      } catch (error) {
        failed++;
        say((error as Error).message);
      }
    }
    if (chosen.length === 0) print("Nothing is stuck.");
    if (failed > 0)
      throw new Error(
        `${failed} of ${chosen.length} could not be ${remedy.kind === "cancel" ? "cancelled" : "resumed"}.`,
      );
  });
}
