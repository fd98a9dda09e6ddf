import type { Hono } from "hono";

/** Everything outside the functions that the sandbox stands in for. */
export const upstreamNames = [
  "openai",
  "anthropic",
  "bedrock",
  "tavily",
  "open-meteo",
  "frankfurter",
  "finnhub",
  "postgres",
  "smtp",
] as const;

export type UpstreamName = (typeof upstreamNames)[number];

/** Whether an upstream is a model provider. */
export const isModel = (name: UpstreamName) =>
  name === "openai" || name === "anthropic" || name === "bedrock";

/** A stand-in that speaks HTTP, mounted at `/<name>` on the sandbox's port. */
export interface HttpUpstream {
  name: UpstreamName;
  app: Hono;
  /** The body with which the provider itself answers 429 and 500. */
  trouble(status: TroubleStatus): object;
}

/** The statuses that faults can cause. */
export type TroubleStatus = 429 | 500;
