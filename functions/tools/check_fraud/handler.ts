import { implementTool, serve } from "fanout/tool";
import type * as z from "zod";
import heuristics from "./heuristics.json" with { type: "json" };
import { findSignals } from "./signals.ts";
import tool from "./tool.ts";

/** How far the earliest time zone is ahead of UTC, in ms, so that today's claim is nowhere in the future. */
const MOST_AHEAD_OF_UTC_MS = 14 * 3_600_000;

/** Adds up what is suspicious about a claim. */
export function checkFraud(claim: z.output<typeof tool.input>): z.output<typeof tool.output> {
  const today = new Date(Date.now() + MOST_AHEAD_OF_UTC_MS).toISOString().slice(0, "YYYY-MM-DD".length);
  const signals = findSignals(claim, today);
  const score = signals.reduce((sum, { points }) => sum + points, 0);
  return { risk: riskOf(score), score, signals, source: heuristics.source };
}

function riskOf(score: number): "low" | "medium" | "high" {
  const { medium, high } = heuristics.risk;
  return score >= high ? "high" : score >= medium ? "medium" : "low";
}

export const service = implementTool(tool, checkFraud);
export const handler = serve(service);
