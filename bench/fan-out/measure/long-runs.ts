import type { Stage } from "../harness/stage.ts";
import type { Workload } from "../workloads.ts";
import type { Plan } from "./plan.ts";
import { say } from "./progress.ts";
import { runRight } from "./runs.ts";

/** One run of many turns, in the Lambda stand-in. */
export interface LongRun {
  contestant: string;
  turns: number;
  calls: number;
  ms: number;
  /** From each request to the model until the next one. */
  turnMs: number[];
  toolInvocations: number;
  /** Bytes of each of the agent's invocations, in their order. */
  agentPayloads: number[];
}

/** Those that run in the stand-in with the same server, and call tools as services. */
export const LONG_RUN_CONTESTANTS = ["restate-services", "fanout"];

const CALLS = 8;
const CALL_MS = 50;

/** Does long runs, each contestant in turn; the first one only warms it up. */
export async function longRuns(
  stage: Stage,
  { contestants, longRunTurns, longRunRounds }: Plan,
): Promise<LongRun[]> {
  const workload: Workload = { turns: longRunTurns, calls: CALLS, callMs: CALL_MS };
  const done: LongRun[] = [];
  for (const { id } of contestants.filter((one) => LONG_RUN_CONTESTANTS.includes(one.id))) {
    const program = await stage.enter(id);
    for (let round = 0; round <= longRunRounds; round++) {
      say(
        `${longRunTurns} turns of ${CALLS} calls: ${id}, ${round === 0 ? "warming up" : `${round} of ${longRunRounds}`}`,
      );
      const { ms, counts, seen } = await runRight(stage, program, workload);
      const at = seen.modelRequestsAt;
      if (round === 0) continue;
      done.push({
        contestant: id,
        turns: longRunTurns,
        calls: CALLS,
        ms,
        turnMs: at.slice(1).map((time, i) => time - (at[i] as number)),
        toolInvocations: counts?.toolInvocations ?? 0,
        agentPayloads: counts?.agentPayloads ?? [],
      });
    }
    await program.stop();
  }
  return done;
}
