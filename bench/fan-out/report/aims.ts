import { loadFigures, longRunFigures, medianOf, msPerTurnOverFloor, ratioToFloor } from "./figures.ts";
import type { Results } from "./results.ts";

/** Something that Fanout is to reach. */
export interface Aim {
  what: string;
  /** In words; "–" where it was not measured. */
  measured: string;
  wanted: string;
  /** Undefined where it was not measured. */
  reached: boolean | undefined;
}

/** What we aim at, with what was measured. */
export function aimsOf(results: Results): Aim[] {
  const turn = (contestant: string) => msPerTurnOverFloor(results, contestant);
  const kB = (workload: string) => medianOf(results, "fanout", workload, "agentBytes") / 1000;
  const long = longRunFigures(results).find(({ contestant }) => contestant === "fanout");
  const most = loadFigures(results).find(({ runsAtOnce, cold }) => runsAtOnce === 100 && cold);
  const stand = "Lambda stand-in";
  const platform = "local platform, warm";
  return [
    atMost(15, `${stand}: a turn over the floor (10 turns of 5 calls)`, turn("fanout"), "ms"),
    atMost(12, `${stand}, local server settings: the same`, turn("fanout-local-server"), "ms"),
    atMost(1.3, `${stand}: 128 calls`, ratioToFloor(results, "fanout", "W1 N=128"), "× the floor"),
    atMost(20, `${platform}: a turn over the floor`, turn("fanout-platform"), "ms"),
    atMost(2, `${platform}: 128 calls`, ratioToFloor(results, "fanout-platform", "W1 N=128"), "× the floor"),
    atMost(6, `${stand}: sent to the agent for 8 calls`, kB("W1 N=8"), "kB"),
    atMost(70, `${stand}: sent to the agent for 128 calls`, kB("W1 N=128"), "kB"),
    atMost(120, `${stand}: sent to the agent for 10 turns of 5 calls`, kB("W2 R=10"), "kB"),
    atMost(2.5, `${stand}: sent to the agent for 50 turns of 8 calls`, long?.mb, "MB"),
    atMost(1.15, `${stand}: the last 10 of 50 turns`, long?.lastToFirst, "× the first 10"),
    atMost(0, "local platform, cold, 100 runs of 8 calls at once: calls timed out", most?.timedOut, ""),
    atLeast(10, "the same: runs a second", most?.runsPerSecond, ""),
    atMost(2.5, "the same: memory of the environments", most && most.memoryMb / 1000, "GB"),
  ];
}

const atMost = (bound: number, what: string, value: number | undefined, unit: string): Aim =>
  aim(what, value, unit, `≤ ${bound}`, (measured) => measured <= bound);

const atLeast = (bound: number, what: string, value: number | undefined, unit: string): Aim =>
  aim(what, value, unit, `≥ ${bound}`, (measured) => measured >= bound);

function aim(
  what: string,
  value = Number.NaN,
  unit: string,
  wanted: string,
  isReached: (value: number) => boolean,
): Aim {
  const withUnit = (text: string) => `${text} ${unit}`.trimEnd();
  if (Number.isNaN(value)) return { what, measured: "–", wanted: withUnit(wanted), reached: undefined };
  const digits = value < 10 && value !== 0 ? 2 : value < 100 && value !== 0 ? 1 : 0;
  return {
    what,
    measured: withUnit(value.toFixed(digits)),
    wanted: withUnit(wanted),
    reached: isReached(value),
  };
}
