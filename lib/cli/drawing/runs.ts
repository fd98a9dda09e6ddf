import type { ListedRun } from "../run/runs.ts";
import { duration } from "./duration.ts";
import { wrap } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";
import { seconds } from "./timeline.ts";

const HEAD = ["id", "agent", "state", "began", "took", "turns", "calls", "tokens", "USD"];
const NONE = "–";

/** Draws a list of runs, each that failed with the reason below it. @param now ms since the epoch. */
export function drawRuns(runs: readonly ListedRun[], now: number, { paint, textWidth }: Screen): string[] {
  const [head = "", ...rows] = table([HEAD, ...runs.map((run) => cells(run, now))], textWidth);
  const reasons = runs.map(({ failure }) => (failure ? wrap(`  ${failure}`, textWidth) : []));
  return [paint("bold", head), ...rows.flatMap((row, index) => [row, ...(reasons[index] ?? [])])];
}

function cells(run: ListedRun, now: number): string[] {
  const { id, agent, state, startedAt, endedAt, turns, toolCalls, inputTokens, outputTokens, costUsd } = run;
  const tokens = inputTokens === undefined || outputTokens === undefined ? NONE : inputTokens + outputTokens;
  return [
    id,
    agent,
    state,
    `${duration(now - startedAt)} ago`,
    seconds((endedAt ?? now) - startedAt),
    String(turns ?? NONE),
    String(toolCalls ?? NONE),
    String(tokens),
    costUsd === undefined ? NONE : costUsd.toFixed(4),
  ];
}
