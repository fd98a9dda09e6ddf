import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "./journey.ts";

/** What became of a step. */
export interface Result {
  step: Step;
  outcome: "ok" | "failed" | "not run";
  durationMs: number;
  /** What was seen. */
  text: string;
}

export interface TravelOptions {
  /** Aborts when a person wants it to end: what was made is destroyed even so. */
  stop: AbortSignal;
  /** Leave what was made, for looking at it, if a step fails. */
  keep: boolean;
  /** Told before each step. */
  begin(step: Step): void;
  /** Between two attempts to destroy, in ms. Default: a minute, since CloudFormation may be busy with what was interrupted. */
  pauseMs?: number;
}

/** How often destroying is tried: a rollback that goes on meanwhile takes minutes. */
const ATTEMPTS = 10;

/**
 * Takes the steps in their order, until one fails or a person stops it. The last one, which destroys, is taken in any case once
 * something may have been made, that is after the first; `keep` leaves it out after a failure.
 */
export async function travel(steps: readonly Step[], options: TravelOptions): Promise<Result[]> {
  const last = steps.length - 1;
  const results: Result[] = [];
  for (const [index, step] of steps.entries()) {
    const attempts = index === last ? ATTEMPTS : 1;
    const isDue = index === last ? isLeft(results, options) : goesOn(results, options);
    results.push(isDue ? await take(step, options, attempts) : notRun(step));
  }
  return results;
}

const isWell = ({ outcome }: Result) => outcome === "ok";

const goesOn = (results: readonly Result[], { stop }: TravelOptions) =>
  results.every(isWell) && !stop.aborted;

/** Whether something may have been made that is not to be kept. */
function isLeft(results: readonly Result[], { keep }: TravelOptions): boolean {
  const [, second] = results;
  return second !== undefined && second.outcome !== "not run" && (results.every(isWell) || !keep);
}

const notRun = (step: Step): Result => ({ step, outcome: "not run", durationMs: 0, text: "" });

async function take(
  step: Step,
  { begin, pauseMs = 60_000 }: TravelOptions,
  attempts: number,
): Promise<Result> {
  const begun = performance.now();
  for (let attempt = 1; ; attempt++) {
    begin(step);
    try {
      const text = await step.run();
      return { step, outcome: "ok", durationMs: performance.now() - begun, text };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (attempt === attempts)
        return { step, outcome: "failed", durationMs: performance.now() - begun, text };
      await sleep(pauseMs);
    }
  }
}
