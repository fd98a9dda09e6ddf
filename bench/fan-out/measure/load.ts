import type { Stage } from "../harness/stage.ts";
import { LOAD_WORKLOAD } from "../workloads.ts";
import type { Plan } from "./plan.ts";
import { say } from "./progress.ts";
import { resultsIn, runAtOnce } from "./runs.ts";

/** Many runs at once on Fanout's local platform. */
export interface Load {
  runsAtOnce: number;
  /** Whether the platform had just started, with no environments but those that its deployment had made. */
  cold: boolean;
  /** From the first run's start until the last one's end. */
  ms: number;
  /** How long each run took. */
  runMs: number[];
  /** Calls whose result the model has not got: they timed out. */
  timedOut: number;
  /** Requests to the tool beyond one for each call. */
  repeated: number;
  /** The most execution environments at a time. */
  processes: number;
  /** The most memory that these held. */
  memoryMb: number;
}

export const LOAD_CONTESTANT = "fanout-platform";

/** Starts a new platform for each number of runs, and does them twice. */
export async function load(stage: Stage, { runsAtOnce, loadRounds }: Plan): Promise<Load[]> {
  const loads: Load[] = [];
  for (let round = 1; round <= loadRounds; round++) {
    for (const count of runsAtOnce) {
      const platform = await stage.enter(LOAD_CONTESTANT);
      for (const cold of [true, false]) {
        say(`load, round ${round} of ${loadRounds}: ${count} runs at once, ${cold ? "cold" : "again"}`);
        loads.push({ ...(await burst(stage, platform, count)), cold });
      }
      await platform.stop();
    }
  }
  return loads;
}

async function burst(
  stage: Stage,
  platform: Awaited<ReturnType<Stage["enter"]>>,
  runsAtOnce: number,
): Promise<Omit<Load, "cold">> {
  const { ms, runs, seen, peak } = await runAtOnce(stage, platform, LOAD_WORKLOAD, {
    count: runsAtOnce,
    watched: true,
  });
  const calls = runsAtOnce * LOAD_WORKLOAD.calls;
  const results = runs.reduce((sum, { answer }) => sum + resultsIn(answer), 0);
  return {
    runsAtOnce,
    ms,
    runMs: runs.map((run) => run.ms),
    timedOut: calls - results,
    repeated: Math.max(0, seen.toolRequests - calls),
    processes: peak?.processes ?? 0,
    memoryMb: peak?.memoryMb ?? 0,
  };
}
