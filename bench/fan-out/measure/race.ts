import type { Entry } from "../contestants.ts";
import { cpuTime } from "../harness/cpu.ts";
import type { Order } from "../harness/host.ts";
import type { Program } from "../harness/program.ts";
import type { Stage } from "../harness/stage.ts";
import { WORKLOADS, type Workload } from "../workloads.ts";
import type { Plan } from "./plan.ts";
import { say } from "./progress.ts";
import { runRight } from "./runs.ts";

/** What one contestant took for one workload: a number for each round. */
export interface Cell {
  contestant: string;
  workload: string;
  /** From asking the agent until its answer. */
  ms: number[];
  /** Processor time of all of the benchmark's processes meanwhile. */
  cpuMs: number[];
  /** Processor time of everything else on the machine meanwhile. */
  foreignMs: number[];
  /** Of Lambda functions; undefined where there are none. */
  agentInvocations?: number[];
  toolInvocations?: number[];
  agentBytes?: number[];
}

/**
 * Lets the contestants run one after another: in each round every workload, in each workload everyone once, with another one
 * first each time. So whatever else the machine does falls on all alike.
 * @throws Error when a run fails, naming the contestant and the workload.
 */
export async function race(
  stage: Stage,
  { contestants, workloads, rounds, warmUp, warm }: Plan,
): Promise<Cell[]> {
  const programs = new Map<string, Program<Order>>();
  for (const { id } of contestants) {
    say(`starting ${id}`);
    programs.set(id, await stage.enter(id, { provisioned: warm }));
  }
  const cells = new Map<string, Cell>();
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const [place, workload] of workloads.entries()) {
      say(round === 0 ? `warming up: ${workload}` : `round ${round} of ${rounds}: ${workload}`);
      for (const { id } of rotated(contestants, round + place)) {
        const run = await measured(stage, programs.get(id) as Program<Order>, workload).catch(
          (cause: Error) => {
            throw new Error(`${id}, ${workload}: ${cause.message}`, { cause });
          },
        );
        if (round > 0) add(cells, { contestant: id, workload }, run);
      }
    }
  }
  for (const program of programs.values()) await program.stop();
  return [...cells.values()];
}

async function measured(stage: Stage, program: Program<Order>, workload: string) {
  const before = cpuTime();
  const { runs, counts } = await runRight(stage, program, WORKLOADS[workload] as Workload);
  const after = cpuTime();
  const cpuMs = after.ours - before.ours;
  return {
    ms: runs[0]?.ms as number,
    cpuMs,
    foreignMs: Math.max(0, after.all - before.all - cpuMs),
    ...(counts && {
      agentInvocations: counts.agentInvocations,
      toolInvocations: counts.toolInvocations,
      agentBytes: counts.agentBytes,
    }),
  };
}

function add(
  cells: Map<string, Cell>,
  { contestant, workload }: Pick<Cell, "contestant" | "workload">,
  run: Awaited<ReturnType<typeof measured>>,
): void {
  const key = `${contestant} ${workload}`;
  const cell = cells.get(key) ?? { contestant, workload, ms: [], cpuMs: [], foreignMs: [] };
  for (const [name, value] of Object.entries(run) as [keyof typeof run, number][]) {
    cell[name] ??= [];
    cell[name].push(value);
  }
  cells.set(key, cell);
}

const rotated = (entries: readonly Entry[], by: number): Entry[] =>
  entries.map((_, i) => entries[(i + by) % entries.length] as Entry);
