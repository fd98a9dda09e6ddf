import type { Stage } from "../harness/stage.ts";
import { sum } from "../report/statistics.ts";
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
  agentInvocations: number;
  toolInvocations: number;
  /** Bytes that the agent's function was sent for each request to the model: since the one before it; with the last, all the rest. */
  agentBytes: number[];
}

/** Those that run in the stand-in with the same server, and call tools as services. */
const LONG_RUN_CONTESTANTS = ["restate-services", "fanout"];

const CALLS = 8;
const CALL_MS = 50;

/** Does long runs, each contestant in turn; its first one only warms it up. */
export async function longRuns(
  stage: Stage,
  { contestants, longRunTurns, longRunRounds }: Plan,
): Promise<LongRun[]> {
  const workload: Workload = { turns: longRunTurns, calls: CALLS, callMs: CALL_MS };
  const done: LongRun[] = [];
  for (const { id } of contestants.filter((one) => LONG_RUN_CONTESTANTS.includes(one.id))) {
    const program = await stage.enter(id);
    for (let round = 0; round <= longRunRounds; round++) {
      const which = round === 0 ? "warming up" : `${round} of ${longRunRounds}`;
      say(`${longRunTurns} turns of ${CALLS} calls: ${id}, ${which}`);
      const outcome = await runRight(stage, program, workload);
      if (round > 0) done.push({ contestant: id, ...toLongRun(outcome, workload) });
    }
    await program.stop();
  }
  return done;
}

function toLongRun(
  { ms, counts, seen }: Awaited<ReturnType<typeof runRight>>,
  { turns, calls }: Workload,
): Omit<LongRun, "contestant"> {
  const ends = seen.modelRequestsAt;
  const isLast = (i: number) => i === ends.length - 1;
  const sentBetween = (from: number, to: number) =>
    sum((counts?.agentRequests ?? []).filter(({ at }) => at >= from && at < to).map(({ bytes }) => bytes));
  return {
    turns,
    calls,
    ms,
    turnMs: ends.slice(1).map((end, i) => end - (ends[i] as number)),
    agentInvocations: counts?.agentInvocations ?? 0,
    toolInvocations: counts?.toolInvocations ?? 0,
    agentBytes: ends.map((end, i) =>
      sentBetween(ends[i - 1] ?? 0, isLast(i) ? Number.POSITIVE_INFINITY : end),
    ),
  };
}
