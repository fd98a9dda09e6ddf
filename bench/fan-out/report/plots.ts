import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { FLOOR } from "../contestants.ts";
import { WORKLOADS } from "../workloads.ts";
import { loadFigures, longRunFigures, medianOf, msPerTurnOverFloor } from "./figures.ts";
import type { Results } from "./results.ts";
import { nameOf } from "./tables.ts";

const SIZE = { width: 560, height: 300 };
/** No name is cut: without a browser Vega only guesses how wide one is. */
const CONFIG = {
  background: "white",
  axis: { labelLimit: 0 },
  legend: { labelLimit: 0, orient: "bottom", columns: 3 },
} as const;

/** The report's plots, by file name. */
export async function plotsOf(results: Results): Promise<Record<string, string>> {
  return {
    "wall-time.svg": await toSvg(wallTime(results)),
    "turn.svg": await toSvg(turn(results)),
    "load.svg": await toSvg(load(results)),
    "long-run.svg": await toSvg(longRun(results)),
  };
}

async function toSvg(spec: TopLevelSpec): Promise<string> {
  const { spec: vegaSpec } = compile({ ...spec, config: CONFIG });
  return `${await new View(parse(vegaSpec), { renderer: "none" }).toSVG()}\n`;
}

const plainName = (results: Results, id: string) => nameOf(results, id).replaceAll("`", "");

function wallTime(results: Results): TopLevelSpec {
  const fanOuts = Object.entries(WORKLOADS).filter(([name]) => name.startsWith("W1"));
  const values = results.contestants.flatMap(({ id }) =>
    fanOuts.map(([name, { calls }]) => ({
      calls,
      ms: medianOf(results, id, name),
      contestant: plainName(results, id),
    })),
  );
  return {
    ...SIZE,
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "calls",
        type: "quantitative",
        scale: { type: "log", base: 2 },
        axis: { title: "calls of 100 ms in one turn", values: fanOuts.map(([, { calls }]) => calls) },
      },
      y: {
        field: "ms",
        type: "quantitative",
        scale: { type: "log", nice: false },
        title: "median wall time (ms)",
      },
      color: { field: "contestant", type: "nominal", sort: null, title: null },
    },
  };
}

function turn(results: Results): TopLevelSpec {
  const values = results.contestants
    .filter(({ id }) => id !== FLOOR)
    .map(({ id }) => ({ contestant: plainName(results, id), ms: msPerTurnOverFloor(results, id) }));
  return {
    width: SIZE.width,
    data: { values },
    mark: "bar",
    encoding: {
      y: { field: "contestant", type: "nominal", sort: null, title: null },
      x: { field: "ms", type: "quantitative", title: "ms a turn over the floor (10 turns of 5 calls)" },
    },
  };
}

function load(results: Results): TopLevelSpec {
  const values = loadFigures(results).map(({ runsAtOnce, cold, runsPerSecond, p99Ms }) => ({
    runsAtOnce,
    start: cold ? "cold" : "again",
    runsPerSecond,
    p99: p99Ms / 1000,
  }));
  const side = (field: string, title: string) => ({
    width: SIZE.width / 2,
    height: SIZE.height,
    mark: { type: "line" as const, point: true },
    encoding: {
      x: { field: "runsAtOnce", type: "quantitative" as const, title: "runs at once" },
      y: { field, type: "quantitative" as const, title },
      color: { field: "start", type: "nominal" as const, sort: null, title: null },
    },
  });
  return { data: { values }, hconcat: [side("runsPerSecond", "runs/s"), side("p99", "p99 (s)")] };
}

function longRun(results: Results): TopLevelSpec {
  const values = longRunFigures(results).flatMap(({ contestant, bytesPerReply }) =>
    bytesPerReply.map((bytes, i) => ({
      contestant: plainName(results, contestant),
      turn: i + 1,
      kB: bytes / 1000,
    })),
  );
  return {
    ...SIZE,
    data: { values },
    mark: "line",
    encoding: {
      x: { field: "turn", type: "quantitative", title: "turn of 8 calls; the last one is the answer" },
      y: { field: "kB", type: "quantitative", title: "kB sent to the agent" },
      color: { field: "contestant", type: "nominal", sort: null, title: null },
    },
  };
}
