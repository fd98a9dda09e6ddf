import { FLOOR } from "../contestants.ts";
import type { Cell } from "../measure/race.ts";
import { WORKLOADS } from "../workloads.ts";
import type { Results } from "./results.ts";
import { median, percentile, sum } from "./statistics.ts";

// What the tables, the plots and the aims say, each computed in one place. NaN: it was not measured.

/** The workload that a turn's cost is read off. */
export const TURNS_WORKLOAD = "W2 R=10";

const cellOf = ({ race }: Results, contestant: string, workload: string): Cell | undefined =>
  race.find((cell) => cell.contestant === contestant && cell.workload === workload);

/** The median of one of a cell's measures. */
export function medianOf(
  results: Results,
  contestant: string,
  workload: string,
  measure: Exclude<keyof Cell, "contestant" | "workload"> = "ms",
): number {
  return median(cellOf(results, contestant, workload)?.[measure] ?? []);
}

/** How many times as long as the floor of the same run. */
export function ratioToFloor(results: Results, contestant: string, workload: string): number {
  return medianOf(results, contestant, workload) / medianOf(results, FLOOR, workload);
}

/** What a turn takes beyond the floor, in ms. */
export function msPerTurnOverFloor(results: Results, contestant: string): number {
  const beyond = medianOf(results, contestant, TURNS_WORKLOAD) - medianOf(results, FLOOR, TURNS_WORKLOAD);
  return beyond / (WORKLOADS[TURNS_WORKLOAD]?.turns ?? Number.NaN);
}

/** What was measured of a number of runs at once: medians over the rounds; of counts and of memory the most. */
export interface LoadFigures {
  runsAtOnce: number;
  cold: boolean;
  runsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  timedOut: number;
  repeated: number;
  processes: number;
  memoryMb: number;
}

/** The load's figures by number of runs, each cold and again. */
export function loadFigures({ load }: Results): LoadFigures[] {
  const numbers = [...new Set(load.map(({ runsAtOnce }) => runsAtOnce))];
  return numbers.flatMap((runsAtOnce) =>
    [true, false].map((cold) => {
      const bursts = load.filter((one) => one.runsAtOnce === runsAtOnce && one.cold === cold);
      return {
        runsAtOnce,
        cold,
        runsPerSecond: median(bursts.map(({ ms }) => (runsAtOnce / ms) * 1000)),
        p50Ms: median(bursts.map(({ runMs }) => percentile(runMs, 50))),
        p99Ms: median(bursts.map(({ runMs }) => percentile(runMs, 99))),
        timedOut: Math.max(...bursts.map(({ timedOut }) => timedOut)),
        repeated: Math.max(...bursts.map(({ repeated }) => repeated)),
        processes: Math.max(...bursts.map(({ processes }) => processes)),
        memoryMb: Math.max(...bursts.map(({ memoryMb }) => memoryMb)),
      };
    }),
  );
}

/** What was measured of long runs: medians over the rounds. */
export interface LongRunFigures {
  contestant: string;
  ms: number;
  agentInvocations: number;
  toolInvocations: number;
  /** Sent to the agent, in all. */
  mb: number;
  /** The last ten turns' time, as a multiple of the first ten's. */
  lastToFirst: number;
  /** Sent to the agent for each reply of the model; the last one is the answer. */
  bytesPerReply: number[];
}

const ENDS = 10;

/** The figures of each contestant's long runs. */
export function longRunFigures({ longRuns }: Results): LongRunFigures[] {
  const contestants = [...new Set(longRuns.map(({ contestant }) => contestant))];
  return contestants.map((contestant) => {
    const runs = longRuns.filter((run) => run.contestant === contestant);
    return {
      contestant,
      ms: median(runs.map(({ ms }) => ms)),
      agentInvocations: median(runs.map(({ agentInvocations }) => agentInvocations)),
      toolInvocations: median(runs.map(({ toolInvocations }) => toolInvocations)),
      mb: median(runs.map(({ agentBytes }) => sum(agentBytes) / 1e6)),
      lastToFirst: median(runs.map(({ turnMs }) => sum(turnMs.slice(-ENDS)) / sum(turnMs.slice(0, ENDS)))),
      bytesPerReply: runs[0]?.agentBytes ?? [],
    };
  });
}
