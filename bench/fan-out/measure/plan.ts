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
 * @param options `only`: ids; `workloads`: names or their first words; `quick`: everything once, and little of it.
 * @throws Error for a contestant or a workload that there is not.
 */
export function makePlan(options: {
  only?: string[];
  workloads?: string[];
  rounds: number;
  quick?: boolean;
}): Plan {
  const { only, workloads, rounds, quick = false } = options;
  const ids = chosen(
    "contestant",
    only,
    CONTESTANTS.map(({ id }) => id),
  );
  const parts = chosen("workload", workloads, [...Object.keys(WORKLOADS), ...PARTS]);
  const hasLoad = parts.includes("load") && ids.includes(LOAD_CONTESTANT);
  const common = {
    contestants: CONTESTANTS.filter(({ id }) => ids.includes(id)),
    workloads: parts.filter((part) => !PARTS.includes(part)),
  };
  const isLong = parts.includes("long");
  if (quick)
    return {
      ...common,
      rounds: 1,
      warmUp: false,
      warm: 16,
      runsAtOnce: hasLoad ? [1, 4] : [],
      loadRounds: 1,
      longRunTurns: 5,
      longRunRounds: isLong ? 1 : 0,
    };
  return {
    ...common,
    rounds,
    warmUp: true,
    warm: 128,
    runsAtOnce: hasLoad ? [1, 10, 50, 100] : [],
    loadRounds: 3,
    longRunTurns: 50,
    longRunRounds: isLong ? 3 : 0,
  };
}

/** The names that are meant. Default: all. */
function chosen(what: string, meant: string[] | undefined, names: string[]): string[] {
  const isMeant = (by: string, name: string) => name === by || name.startsWith(`${by} `);
  const unknown = meant?.find((one) => !names.some((name) => isMeant(one, name)));
  if (unknown !== undefined)
    throw new Error(`There is no ${what} "${unknown}". There are: ${names.join(", ")}.`);
  return names.filter((name) => !meant || meant.some((one) => isMeant(one, name)));
}
