import type { Usage } from "../call/index.ts";
import prices from "./prices.json" with { type: "json" };

/** What a model's tokens cost, in US dollars per million. */
export interface Price {
  input: number;
  output: number;
  /** Input that the provider had in its cache. Default: as any input. */
  cacheRead?: number;
  /** Input that it put there. Default: as any input. */
  cacheWrite?: number;
}

/** @returns undefined for a model that the table does not have. */
export function priceOf(model: string): Price | undefined {
  return Object.entries(prices.usdPerMillionTokens).find(([name]) => name === model)?.[1];
}

/** Tokens with what they cost, where there is a price. */
export function withCost(usage: Omit<Usage, "costUsd">, price: Price | undefined): Usage {
  if (!price) return usage;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  const costs = [
    (inputTokens - cacheReadTokens - cacheWriteTokens) * input,
    cacheReadTokens * cacheRead,
    cacheWriteTokens * cacheWrite,
    outputTokens * output,
  ];
  return { ...usage, costUsd: roundUsd(costs.reduce((sum, cost) => sum + cost) / 1_000_000) };
}

/** All of these together. @param priced whether the sum has a cost. */
export function sumOf(parts: readonly Usage[], priced: boolean): Usage {
  const sum = (of: keyof Usage) => parts.reduce((total, part) => total + (part[of] ?? 0), 0);
  const [cacheReadTokens, cacheWriteTokens] = [sum("cacheReadTokens"), sum("cacheWriteTokens")];
  return {
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    ...(cacheReadTokens > 0 && { cacheReadTokens }),
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
    ...(priced && { costUsd: roundUsd(sum("costUsd")) }),
  };
}

/** Sums of floating-point dollars, to a millionth. */
function roundUsd(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
