import type { Agent } from "./definition.ts";
import type { Message } from "./models/seam.ts";

/** Every model that a run of this agent may ask. @param main the one that it asks first, unless the run asks for another. */
export function modelsOf({ models, fallbacks }: Pick<Agent, "models" | "fallbacks">, main: string): string[] {
  return [...new Set([main, ...models, ...fallbacks])];
}

/**
 * The models of a turn, in the order in which they are asked: the one that gave the last reply, then the run's own, then its
 * fallbacks. So a run whose model is away waits for it once, and not in each of its turns.
 */
export function inOrder(own: string, fallbacks: readonly string[], messages: readonly Message[]): string[] {
  const all = [own, ...fallbacks];
  const last = messages.findLast(({ role }) => role === "assistant");
  const first = (last?.role === "assistant" && last.reply.model) || own;
  return [...new Set(all.includes(first) ? [first, ...all] : all)];
}
