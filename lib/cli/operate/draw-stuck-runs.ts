import type { StuckRun } from "../../operate/index.ts";
import { table, wrap } from "../table.ts";

const REASON_WIDTH = 96;

/** Draws each run with the reason below it. @param now ms since the epoch. */
export function drawStuckRuns(runs: readonly StuckRun[], now: number): string[] {
  const [head = "", ...rows] = table([
    ["id", "service", "state", "for", "tries"],
    ...runs.map(({ id, service, state, since, tries }) => [
      id,
      service,
      state,
      duration(now - Date.parse(since)),
      tries === undefined ? "–" : String(tries),
    ]),
  ]);
  const reasons = runs.map(({ reason }) => wrap(reason, REASON_WIDTH).map((line) => `  ${line}`));
  return [head, ...rows.flatMap((row, index) => [row, ...(reasons[index] ?? [])])];
}

/** A time in its largest unit, such as `12 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
