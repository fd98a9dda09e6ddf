import type { Order, Outcome } from "../harness/host.ts";
import type { Program } from "../harness/program.ts";
import type { Stage } from "../harness/stage.ts";
import type { Seen } from "../harness/world.ts";
import { type Answer, rightAnswer, type Workload } from "../workloads.ts";

/** Does `count` runs of a workload at once. @returns what became of them, and what the world saw of it. */
export async function runAtOnce(
  { world }: Stage,
  contestant: Program<Order>,
  workload: Workload,
  { count = 1, watched = false } = {},
): Promise<Outcome & { seen: Seen }> {
  await world.ask("take");
  const prompts = Array.from({ length: count }, () => JSON.stringify(workload));
  const outcome = await contestant.ask<Outcome>({ prompts, watched });
  return { ...outcome, seen: await world.ask<Seen>("take") };
}

/**
 * One run that has to go right.
 * @throws Error unless the answer counts every result once and every request was made once.
 */
export async function runRight(
  stage: Stage,
  contestant: Program<Order>,
  workload: Workload,
): Promise<Outcome & { seen: Seen }> {
  const outcome = await runAtOnce(stage, contestant, workload);
  const [run] = outcome.runs;
  if (!isRight(run?.answer ?? "", workload))
    throw new Error(`answered ${run?.answer}, expected ${JSON.stringify(rightAnswer(workload))}`);
  const { toolRequests, modelRequestsAt } = outcome.seen;
  expectCount("requests to the tool", toolRequests, workload.turns * workload.calls);
  expectCount("requests to the model", modelRequestsAt.length, workload.turns + 1);
  return outcome;
}

/** Whether every result has reached the model. */
export function isRight(answer: string, workload: Workload): boolean {
  return answer === JSON.stringify(rightAnswer(workload));
}

/** How many results the model has got. */
export function resultsIn(answer: string): number {
  return (JSON.parse(answer) as Answer).results;
}

function expectCount(what: string, seen: number, expected: number): void {
  if (seen !== expected) throw new Error(`${what}: ${seen}, expected ${expected}`);
}
