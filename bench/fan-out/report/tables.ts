import { FLOOR } from "../contestants.ts";
import type { Cell } from "../measure/race.ts";
import { aimsIn } from "./aims.ts";
import { loadFigures, longRunFigures, medianOf, msPerTurnOverFloor, ratioToFloor } from "./figures.ts";
import type { Results } from "./results.ts";

// Tables in Markdown, each of the results alone.

/** What is aimed at beside what was measured. */
export function aimsTable(results: Results): string {
  const rows = aimsIn(results).map(({ what, measured, wanted }) => [what, measured, wanted]);
  return table(["what", "measured", "wanted"], rows);
}

/** Who took part. */
export function contestantsTable({ contestants }: Results): string {
  const rows = contestants.map(({ name, how, durable }) => [name, how, durable ? "yes" : "no"]);
  return table(["contestant", "how", "durable"], rows);
}

/** Median wall times, and what a turn costs. */
export function timesTable(results: Results): string {
  const cell = ({ contestant, workload }: Cell) => {
    const ratio = ratioToFloor(results, contestant, workload);
    const isCompared = contestant !== FLOOR && !Number.isNaN(ratio);
    return whole(medianOf(results, contestant, workload)) + (isCompared ? ` (${ratio.toFixed(2)})` : "");
  };
  const perTurn = (contestant: string) => {
    const ms = msPerTurnOverFloor(results, contestant);
    return Number.isNaN(ms) ? "–" : ms.toFixed(1);
  };
  return perWorkload(results, cell, { head: "ms a turn over the floor", of: perTurn });
}

/** The least and the most wall time. */
export function rangesTable(results: Results): string {
  return perWorkload(results, ({ ms }) => `${whole(Math.min(...ms))}–${whole(Math.max(...ms))}`);
}

/** Lambda invocations and the bytes of the agent's requests. */
export function lambdaTable(results: Results): string {
  const median = (cell: Cell, measure: "agentInvocations" | "toolInvocations" | "agentBytes") =>
    medianOf(results, cell.contestant, cell.workload, measure);
  return perWorkload(
    { ...results, race: results.race.filter(({ agentInvocations }) => agentInvocations) },
    (cell) => {
      const kB = median(cell, "agentBytes") / 1000;
      return `${median(cell, "agentInvocations")} + ${median(cell, "toolInvocations")}, ${kB.toFixed(kB < 100 ? 1 : 0)}`;
    },
  );
}

/** Processor time. */
export function cpuTable(results: Results): string {
  return perWorkload(results, ({ contestant, workload }) =>
    whole(medianOf(results, contestant, workload, "cpuMs")),
  );
}

/** Many runs at once. */
export function loadTable(results: Results): string {
  const head = [
    "runs at once",
    "",
    "runs/s",
    "p50 ms",
    "p99 ms",
    "timed out",
    "repeated",
    "processes",
    "memory MB",
  ];
  const rows = loadFigures(results).map((one) => [
    String(one.runsAtOnce),
    one.cold ? "cold" : "again",
    one.runsPerSecond.toFixed(1),
    whole(one.p50Ms),
    whole(one.p99Ms),
    String(one.timedOut),
    String(one.repeated),
    String(one.processes),
    whole(one.memoryMb),
  ]);
  return table(head, rows);
}

/** Runs of many turns. */
export function longRunsTable(results: Results): string {
  const head = [
    "contestant",
    "ms",
    "invocations agent + tools",
    "MB to the agent",
    "last ten turns / first ten",
  ];
  const rows = longRunFigures(results).map((one) => [
    nameOf(results, one.contestant),
    whole(one.ms),
    `${one.agentInvocations} + ${one.toolInvocations}`,
    one.mb.toFixed(1),
    one.lastToFirst.toFixed(2),
  ]);
  return table(head, rows);
}

/** A contestant's name. */
export const nameOf = ({ contestants }: Results, id: string): string =>
  contestants.find((one) => one.id === id)?.name ?? id;

/** A row for each contestant that has cells, a column for each workload, and one more. */
function perWorkload(
  results: Results,
  show: (cell: Cell) => string,
  more?: { head: string; of: (contestant: string) => string },
): string {
  const workloads = [...new Set(results.race.map(({ workload }) => workload))];
  const raced = new Set(results.race.map(({ contestant }) => contestant));
  const contestants = results.contestants.map(({ id }) => id).filter((id) => raced.has(id));
  const cellOf = (contestant: string, workload: string) =>
    results.race.find((cell) => cell.contestant === contestant && cell.workload === workload);
  const rows = contestants.map((contestant) => [
    nameOf(results, contestant),
    ...workloads.map((workload) => {
      const cell = cellOf(contestant, workload);
      return cell ? show(cell) : "–";
    }),
    ...(more ? [more.of(contestant)] : []),
  ]);
  return table(["contestant", ...workloads, ...(more ? [more.head] : [])], rows);
}

const whole = (value: number) => value.toFixed(0);

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
