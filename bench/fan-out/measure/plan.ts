import { CONTESTANTS, type Entry } from "../contestants.ts";
import { WORKLOADS } from "../workloads.ts";
import { LOAD_CONTESTANT } from "./load.ts";

/** What is measured, and how often. */
export interface Plan {
  contestants: readonly Entry[];
  /** Names of workloads. */
  workloads: readonly string[];
  rounds: number;
  /** Whether an uncounted round comes first. */
  warmUp: boolean;
  /** Environments of the tool that the local platform has started before the race. */
  warm: number;
  /** Empty: no load is measured. */
  runsAtOnce: readonly number[];
  loadRounds: number;
  longRunTurns: number;
  /** 0: no long runs are done. */
  longRunRounds: number;
}

/** Beside workloads, what `--workloads` may name. */
const PARTS = ["load", "long"];

/**
 * The whole benchmark, or the part that somebody asks for.
 * @param options `only`: ids; `workloads`: names or how they begin; `quick`: everything once, and little of it.
 * @throws Error for a contestant or a workload that there is not.
 */
export function makePlan(options: {
  only?: string[];
  workloads?: string[];
  rounds: number;
  quick?: boolean;
}): Plan {
  const { rounds, quick = false } = options;
  const only = options.only ?? CONTESTANTS.map(({ id }) => id);
  const parts = options.workloads ?? [...Object.keys(WORKLOADS), ...PARTS];
  checkNames(
    "contestant",
    only,
    CONTESTANTS.map(({ id }) => id),
    (name, known) => name === known,
  );
  checkNames("workload", parts, [...Object.keys(WORKLOADS), ...PARTS], (name, known) =>
    known.startsWith(name),
  );
  const wanted = (name: string) => parts.some((part) => name.startsWith(part));
  const hasLoad = wanted("load") && only.includes(LOAD_CONTESTANT);
  return {
    contestants: CONTESTANTS.filter(({ id }) => only.includes(id)),
    workloads: Object.keys(WORKLOADS).filter(wanted),
    rounds: quick ? 1 : rounds,
    warmUp: !quick,
    warm: quick ? 16 : 128,
    runsAtOnce: hasLoad ? (quick ? [1, 4] : [1, 10, 50, 100]) : [],
    loadRounds: quick ? 1 : 3,
    longRunTurns: quick ? 5 : 50,
    longRunRounds: wanted("long") ? (quick ? 1 : 3) : 0,
  };
}

function checkNames(
  what: string,
  names: readonly string[],
  known: readonly string[],
  fits: (name: string, known: string) => boolean,
): void {
  const unknown = names.find((name) => !known.some((one) => fits(name, one)));
  if (unknown !== undefined)
    throw new Error(`There is no ${what} "${unknown}". There are: ${known.join(", ")}.`);
}
