import { loadFigures, longRunFigures, medianOf, msPerTurnOverFloor, ratioToFloor } from "./figures.ts";
import type { Results } from "./results.ts";

/** Something that Fanout is to reach. */
interface Aim {
  what: string;
  unit: string;
  atMost?: number;
  atLeast?: number;
  /** NaN or undefined: it was not measured. */
  measure: (results: Results) => number | undefined;
}

const IN_STAND_IN = "Lambda stand-in";
const ON_PLATFORM = "local platform";
const TURN = "a turn over the floor (10 turns of 5 calls)";
const BURST = `${ON_PLATFORM}, cold, 100 runs of 8 calls at once`;

const AIMS: readonly Aim[] = [
  { what: `${IN_STAND_IN}: ${TURN}`, atMost: 15, unit: "ms", measure: perTurn("fanout") },
  {
    what: `${IN_STAND_IN}, local server settings: ${TURN}`,
    atMost: 12,
    unit: "ms",
    measure: perTurn("fanout-local-server"),
  },
  { what: `${IN_STAND_IN}: 128 calls`, atMost: 1.3, unit: "× the floor", measure: ratio("fanout") },
  { what: `${ON_PLATFORM}, warm: ${TURN}`, atMost: 20, unit: "ms", measure: perTurn("fanout-platform") },
  {
    what: `${ON_PLATFORM}, warm: 128 calls`,
    atMost: 2,
    unit: "× the floor",
    measure: ratio("fanout-platform"),
  },
  { what: "sent to the agent: 8 calls", atMost: 6, unit: "kB", measure: kBytes("W1 N=8") },
  { what: "sent to the agent: 128 calls", atMost: 70, unit: "kB", measure: kBytes("W1 N=128") },
  { what: "sent to the agent: 10 turns of 5 calls", atMost: 120, unit: "kB", measure: kBytes("W2 R=10") },
  { what: "sent to the agent: 50 turns of 8 calls", atMost: 2.5, unit: "MB", measure: (r) => longRun(r)?.mb },
  {
    what: "50 turns of 8 calls: the last 10",
    atMost: 1.15,
    unit: "× the first 10",
    measure: (r) => longRun(r)?.lastToFirst,
  },
  { what: `${BURST}: calls timed out`, atMost: 0, unit: "", measure: (r) => burst(r)?.timedOut },
  { what: `${BURST}: runs a second`, atLeast: 10, unit: "", measure: (r) => burst(r)?.runsPerSecond },
  {
    what: `${BURST}: memory of the environments`,
    atMost: 2.5,
    unit: "GB",
    measure: (r) => (burst(r)?.memoryMb ?? Number.NaN) / 1000,
  },
];

function perTurn(contestant: string) {
  return (results: Results) => msPerTurnOverFloor(results, contestant);
}

function ratio(contestant: string) {
  return (results: Results) => ratioToFloor(results, contestant, "W1 N=128");
}

function kBytes(workload: string) {
  return (results: Results) => medianOf(results, "fanout", workload, "agentBytes") / 1000;
}

const longRun = (results: Results) =>
  longRunFigures(results).find(({ contestant }) => contestant === "fanout");

const burst = (results: Results) =>
  loadFigures(results).find(({ runsAtOnce, cold }) => runsAtOnce === 100 && cold);

/** What we aim at and have measured, in words. What is reached is judged by the digits that are shown. */
export function aimsIn(results: Results): { what: string; measured: string; wanted: string }[] {
  return AIMS.flatMap(({ what, unit, atMost, atLeast, measure }) => {
    const value = measure(results) ?? Number.NaN;
    if (Number.isNaN(value)) return [];
    const shown = value.toFixed(Number.isInteger(value) ? 0 : value < 10 ? 2 : 1);
    const isReached =
      Number(shown) <= (atMost ?? Number.POSITIVE_INFINITY) && Number(shown) >= (atLeast ?? 0);
    const measured = `${shown} ${unit}`.trimEnd() + (isReached ? "" : " (not reached)");
    const wanted = `${atLeast === undefined ? "≤" : "≥"} ${atLeast ?? atMost} ${unit}`.trimEnd();
    return [{ what, measured, wanted }];
  });
}
