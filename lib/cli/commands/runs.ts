import type { Command } from "commander";
import type { Whereabouts } from "../../operate/index.ts";
import { asUsage, readNumber, readSpan } from "../arguments.ts";
import { drawRuns } from "../drawing/runs.ts";
import { screenOf } from "../drawing/screen.ts";
import { addWhereabouts, operate } from "../operating.ts";
import { print, printDrawing, printJson, say } from "../output.ts";
import type { Project } from "../project.ts";
import type { RunState } from "../run/record.ts";
import { readRuns, runStates } from "../run/runs.ts";

const HELP = `
Listed are the runs that people began; what agents ask of each other is part of those. Restate keeps a run for a day after its
end. Cost is by the price table, for models that are in it.`;

interface RunsFlags extends Whereabouts {
  agent?: string;
  state?: RunState;
  /** A time span, in ms. */
  since?: number;
  limit: number;
  json: boolean;
}

export default function runs(command: Command, project: Project): void {
  addWhereabouts(command)
    .option("--agent <name>", "only this agent's")
    .option("--state <state>", `only those that are ${runStates.join(", ")}`, asUsage(readState))
    .option("--since <time>", "only those that began in the last 30s, 15m, 2h, 1d", asUsage(readSpan))
    .option(
      "--limit <n>",
      "at most so many, the newest",
      asUsage(readNumber({ minValue: 1, maxValue: 1000 })),
      20,
    )
    .option("--json", "print them as JSON", false)
    .addHelpText("after", HELP)
    .action((flags: RunsFlags) =>
      operate(project, flags, async ({ admin }, services) => {
        const agents = services.filter(({ kind }) => kind === "agent").map(({ name }) => name);
        if (flags.agent !== undefined && !agents.includes(flags.agent))
          command.error(`error: unknown agent "${flags.agent}"; agents: ${agents.join(", ")}`);
        const since = flags.since === undefined ? undefined : Date.now() - flags.since;
        const { state, limit } = flags;
        const listed = await readRuns(admin, {
          agents: flags.agent === undefined ? agents : [flags.agent],
          state,
          since,
          limit,
        });
        if (flags.json) printJson(listed, 2);
        else if (listed.length === 0) print("There are no such runs.");
        else {
          printDrawing(drawRuns(listed, Date.now(), screenOf(process.stdout)));
          say("\nMore of one: npx fanout show <id>");
        }
      }),
    );
}

function readState(text: string): RunState {
  const state = runStates.find((one) => one === text);
  if (state) return state;
  throw new TypeError(`Expected one of ${runStates.join(", ")}, got "${text}".`);
}
