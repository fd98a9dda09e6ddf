import * as z from "zod";
import type { Account } from "./account.ts";

const usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  costUsd: z.number().optional().describe("By the price table; left out for a model without a known price."),
});

/** What a run returns. @param answer the shape of the answer. */
export const agentOutput = <Answer extends z.ZodType>(answer: Answer) =>
  z.object({
    answer,
    finishReason: z
      .enum([
        "stop",
        "length",
        "content-filter",
        "other",
        "max-turns",
        "max-tool-calls",
        "max-tokens",
        "max-cost",
        "deadline",
        "max-bytes",
        "repeated-invalid-input",
      ])
      .describe(
        "stop: the model was done; length, content-filter, other: as the provider says; else the limit that ended the run.",
      ),
    turns: z.int().describe("Replies of the model."),
    toolCalls: z.array(
      z.object({
        id: z.string(),
        tool: z.string(),
        input: z.unknown(),
        status: z.enum(["ok", "error", "timeout", "invalid-input", "unknown-tool", "over-limit"]),
        error: z.string().optional().describe("In words, why there is no output."),
        attempts: z.int().describe("Tries of the implementation; 0 where it never ran or did not say."),
        startedAt: z.string().nullable().describe("ISO 8601, by the tool's clock."),
        durationMs: z.number(),
        usage: usage.optional().describe("What a sub-agent's run used; part of the run's usage."),
        truncated: z
          .boolean()
          .describe("Whether the result was cut, to the tool's limit or to what the run had left."),
      }),
    ),
    usage: usage.extend({ perTurn: z.array(usage) }),
  });
export type AgentOutput<Answer = string> = Omit<z.output<ReturnType<typeof agentOutput>>, "answer"> & {
  answer: Answer;
};
export type FinishReason = AgentOutput["finishReason"];

/** The run's output: the answer, and an account of every call in the order in which the model asked for them. */
export function toOutput(
  answer: unknown,
  finishReason: FinishReason,
  account: Account,
): AgentOutput<unknown> {
  return {
    answer,
    finishReason,
    turns: account.usagePerTurn.length,
    toolCalls: account.results.map(({ call, output: _, ...result }) => ({ ...call, ...result })),
    usage: { ...account.usage, perTurn: account.usagePerTurn },
  };
}
