import * as z from "zod";

/** The longest a run may take, in seconds: a day. */
export const MAX_DEADLINE_SECONDS = 86_400;

/** What ends a run before the model is done; at a limit the model gets one last turn without tools. */
export const limitsSchema = z.strictObject({
  maxTurns: z.int().min(1).max(100).default(10),
  maxToolCalls: z.int().min(1).max(1000).default(100),
  maxTokens: z.int().min(1).optional(),
  maxCostUsd: z.number().positive().optional(),
  deadline: z.strictObject({ seconds: z.number().positive().max(MAX_DEADLINE_SECONDS) }).optional(),
});

/** What ends a run before the model is done; at a limit the model gets one last turn without tools. */
export interface Limits extends z.output<typeof limitsSchema> {
  /** Model calls, the last one included. 1 to 100, default 10. */
  maxTurns: number;
  /** Tool calls. 1 to 1000, default 100; calls beyond it are refused. */
  maxToolCalls: number;
  /** Tokens in and out, of all turns together. Default none. */
  maxTokens?: number | undefined;
  /** US dollars, by the price table; it needs a model that is in there. Default none. */
  maxCostUsd?: number | undefined;
  /**
   * Time since the run began: since its first model request, or the try of it that was answered. Calls and model requests
   * in flight then end. Up to a day, default none.
   */
  deadline?: { seconds: number } | undefined;
}

/** Why a run ended before the model was done. */
export const limitReached = z.enum([
  "max-turns",
  "max-tool-calls",
  "max-tokens",
  "max-cost",
  "deadline",
  "max-bytes",
  "repeated-invalid-input",
]);
export type LimitReached = z.output<typeof limitReached>;

/** What a run has left of its limits for a sub-agent. */
export const limitsLeft = z.object({
  maxTokens: z.number().optional(),
  maxCostUsd: z.number().optional(),
  deadline: z.object({ seconds: z.number() }).optional(),
});
export type LimitsLeft = z.output<typeof limitsLeft>;

/** F11: an agent's own limits, or what is left of its caller's where that is less. */
export function tighter(own: Limits, left: LimitsLeft = {}): Limits {
  const least = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  const seconds = least(own.deadline?.seconds, left.deadline?.seconds);
  return {
    ...own,
    maxTokens: least(own.maxTokens, left.maxTokens),
    maxCostUsd: least(own.maxCostUsd, left.maxCostUsd),
    deadline: seconds === undefined ? undefined : { seconds },
  };
}
