import { z } from "zod";
import type { ModelReply } from "./models/seam.ts";
import type { CallResult } from "./results.ts";

/** What a run takes. */
export const agentInput = z.strictObject({
  message: z.string().min(1).max(100_000).describe("The question or task, in the user's words."),
});
export type AgentInput = z.output<typeof agentInput>;

/** What a run returns. */
export const agentOutput = z.object({
  answer: z.string(),
  finishReason: z
    .enum(["stop", "length", "content-filter", "other", "max-turns"])
    .describe(
      "stop: the model was done; max-turns: a limit ended the run; the others come from the provider.",
    ),
  turns: z.int().describe("Model calls of this run."),
  toolCalls: z.array(
    z.object({
      id: z.string(),
      tool: z.string(),
      input: z.unknown(),
      status: z.enum(["ok", "error", "timeout", "invalid-input", "unknown-tool"]),
      error: z.string().optional().describe("In words, why there is no output."),
      attempts: z.int().describe("Tries of the implementation; 0 where it never ran or did not say."),
      startedAt: z.string().nullable().describe("ISO 8601, by the tool's clock."),
      durationMs: z.number(),
      truncated: z.boolean().describe("Whether the result was cut to the tool's size limit."),
    }),
  ),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }),
});
export type AgentOutput = z.output<typeof agentOutput>;
export type FinishReason = AgentOutput["finishReason"];

/** The run's output: the last reply, and an account of every call in the order in which the model asked for them. */
export function toOutput(
  reply: ModelReply,
  finishReason: FinishReason,
  run: { turns: number; results: readonly CallResult[]; usage: AgentOutput["usage"] },
): AgentOutput {
  return {
    answer: reply.text,
    finishReason,
    turns: run.turns,
    toolCalls: run.results.map(({ call, output: _, ...result }) => ({ ...call, ...result })),
    usage: run.usage,
  };
}
