import type { StuckRun } from "../../restate/index.ts";
import { duration } from "./duration.ts";
import { wrap } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";

/** In columns: longer lines are hard to read. */
const MAX_REASON_WIDTH = 98;

/** Draws each run with the reason below it. @param now ms since the epoch. */
export function drawStuckRuns(
  runs: readonly StuckRun[],
  now: number,
  { columns, textWidth }: Screen,
): string[] {
  const cells = [
    ["id", "service", "state", "for", "tries"],
    ...runs.map(({ id, service, state, since, tries }) => [
      id,
      service,
      state,
      duration(now - Date.parse(since)),
      tries === undefined ? "–" : String(tries),
    ]),
  ];
  const [head = "", ...rows] = table(cells, textWidth);
  const width = Math.min(columns, MAX_REASON_WIDTH);
  const reasons = runs.map(({ reason }) => wrap(`  ${reason}`, width));
  return [head, ...rows.flatMap((row, index) => [row, ...(reasons[index] ?? [])])];
}
