import type { Contestant, Counts } from "./contestant.ts";
import { answerParent } from "./parent.ts";
import { type Peak, watch } from "./peak.ts";

// A program: one contestant in a process of its own. Usage: host.ts <id>

/** Runs to do, all at once. */
export interface Order {
  prompts: string[];
  /** Whether to watch the execution environments meanwhile, which costs some time. Default: false. */
  watched?: boolean;
}

/** What became of an order. */
export interface Outcome {
  /** From the first run's start to the last one's end. */
  ms: number;
  /** In the order of the prompts. */
  runs: { ms: number; answer: string }[];
  counts?: Counts;
  peak?: Peak;
}

const { start } = (await import(`../contestants/${process.argv[2]}.ts`)) as { start(): Promise<Contestant> };
const contestant = await start();

async function carryOut({ prompts, watched = false }: Order): Promise<Outcome> {
  await contestant.counts?.();
  const stopWatching = watched && contestant.pids ? watch(contestant.pids) : undefined;
  const begun = performance.now();
  const runs = await Promise.all(prompts.map(timed));
  const ms = performance.now() - begun;
  const peak = stopWatching?.();
  const counts = await contestant.counts?.();
  return { ms, runs, ...(counts && { counts }), ...(peak && { peak }) };
}

async function timed(prompt: string): Promise<{ ms: number; answer: string }> {
  const begun = performance.now();
  const answer = await contestant.run(prompt);
  return { answer, ms: performance.now() - begun };
}

answerParent(carryOut, () => contestant.stop());
