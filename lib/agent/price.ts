import type { Usage } from "../call/index.ts";
import prices from "./prices.json" with { type: "json" };

/** What a model's tokens cost, in US dollars per million. */
export interface Price {
  input: number;
  output: number;
}

/** @returns undefined for a model that the table does not have. */
export function priceOf(model: string): Price | undefined {
  return Object.entries(prices.usdPerMillionTokens).find(([name]) => name === model)?.[1];
}

/** Tokens with what they cost, where there is a price. */
export function withCost({ inputTokens, outputTokens }: Usage, price: Price | undefined): Usage {
  if (!price) return { inputTokens, outputTokens };
  const costUsd = (inputTokens * price.input + outputTokens * price.output) / 1_000_000;
  return { inputTokens, outputTokens, costUsd: roundUsd(costUsd) };
}

/** All of these together; without a cost where the run's own model has no price. */
export function sumOf(parts: readonly Usage[], price: Price | undefined): Usage {
  const sum = (pick: (usage: Usage) => number) => parts.reduce((total, part) => total + pick(part), 0);
  const tokens = {
    inputTokens: sum((part) => part.inputTokens),
    outputTokens: sum((part) => part.outputTokens),
  };
  return price ? { ...tokens, costUsd: roundUsd(sum((part) => part.costUsd ?? 0)) } : tokens;
}

/** Sums of floating-point dollars, to a millionth. */
function roundUsd(usd: number): number {
  return Math.round(usd * 1_000_000) / 1_000_000;
}
