import type { Command } from "commander";
import { agentFolder } from "../../agent/index.ts";
import {
  type Change,
  findService,
  type Installation,
  type ServiceStatus,
  scale as scaleService,
  type Whereabouts,
} from "../../operate/index.ts";
import { scalingBounds } from "../../tool/index.ts";
import { asUsage, readNumber } from "../arguments.ts";
import { drawChange } from "../drawing/service-status.ts";
import { addWhereabouts, operate } from "../operating.ts";
import { printDrawing, say } from "../output.ts";
import type { Project } from "../project.ts";

const HELP = `
New memory is a new version of the function: Restate sends new calls there, and runs in flight end on the version that
they began on. So is --max-concurrency 0, which switches a service off: its code does not run, and the model reads that it is
switched off. --max-concurrency with a limit, or none, switches it on again. Provisioned concurrency belongs to the version that new calls go to. There is no alias, because one that
moves would change the code under a run that is in flight.
A lower limit is set at Restate first, a higher one at Lambda first, so that Lambda throttles no call.`;

interface ScaleFlags extends Whereabouts {
  maxConcurrency?: number | "none";
  provisioned?: number;
  memory?: number;
}

export default function scale(command: Command, project: Project): void {
  addWhereabouts(command)
    .argument("<service>", "a tool or an agent")
    .option(
      "--max-concurrency <n|none>",
      "calls at once: Lambda's reserved concurrency, and Restate's limit where it has flow control; 0 switches it off",
      asUsage(readLimit),
    )
    .option(
      "--provisioned <n>",
      "environments that Lambda keeps warm, and bills",
      asUsage(readNumber(scalingBounds.provisioned)),
    )
    .option("--memory <mb>", "memory, and CPU with it", asUsage(readNumber(scalingBounds.memoryMb)))
    .addHelpText("after", HELP)
    .action(async (service: string, flags: ScaleFlags) => {
      const { maxConcurrency, provisioned, memory: memoryMb } = flags;
      const change = { maxConcurrency, provisioned, memoryMb };
      if (Object.values(change).every((value) => value === undefined)) {
        command.error("error: expected --max-concurrency, --provisioned or --memory");
      }
      await changeService(project, flags, service, change);
    });
}

function readLimit(text: string): number | "none" {
  return text === "none" ? text : readNumber(scalingBounds.maxConcurrency)(text);
}

function changeService(
  project: Project,
  whereabouts: Whereabouts,
  name: string,
  change: Change,
): Promise<void> {
  return operate(project, whereabouts, async (installation, services) => {
    const service = findService(services, name);
    const { before, after } = await scaleService(installation, service, change, say);
    printDrawing(["", ...drawChange(before, after)]);
    if (after.differences.length === 0) return;
    const { tools } = await project.loadRoster();
    const server = tools.find((tool) => tool.name === name)?.mcp?.server;
    say(`\n${reminder(after, installation, server)}`);
  });
}

/** What a person who has changed a service needs to know. @param server the MCP server that has the tool. */
function reminder(
  { kind, name, differences }: ServiceStatus,
  { stage }: Installation,
  server: string | undefined,
): string {
  const contract = {
    tool: server === undefined ? `functions/tools/${name}/tool.ts` : `functions/mcp/${server}/server.ts`,
    agent: `functions/agents/${agentFolder({ name })}/agent.ts`,
    kit: "the kit",
  }[kind];
  return [
    `${contract}, or functions/scaling.ts for stage ${stage}, says otherwise:`,
    ...differences.map(({ text }) => `  ${text}`),
    "The next deployment that changes this function sets it back. Declare it there to keep it.",
  ].join("\n");
}
