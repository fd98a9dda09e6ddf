import * as z from "zod";
import { callEntry, usage } from "../call/index.ts";
import type { Budget } from "./budget.ts";
import { limitReached } from "./limits.ts";
import { replyEnd } from "./models/seam.ts";

const turnUsage = usage.extend({
  model: z.string().optional().describe("The model that replied, where it is not the run's own."),
});

/** What a run returns. @param answer the shape of the answer. */
export const agentOutput = <Answer extends z.ZodType>(answer: Answer) =>
  z.object({
    answer,
    finishReason: z
      .enum([...replyEnd.exclude(["tool-calls"]).options, ...limitReached.options])
      .describe(
        "stop: the model was done; length, content-filter, other: as the provider says; else the limit that ended the run.",
      ),
    turns: z.int().describe("Replies of the model."),
    toolCalls: z.array(callEntry),
    usage: usage.extend({ perTurn: z.array(turnUsage) }),
  });
/** What a run returns: the answer, why the run ended, an entry for each call in the model's order, and the tokens it used. */
export type AgentOutput<Answer = string> = Omit<z.output<ReturnType<typeof agentOutput>>, "answer"> & {
  answer: Answer;
};
export type FinishReason = AgentOutput["finishReason"];

/** The run's output: the answer, and an account of every call in the order in which the model asked for them. */
export function toOutput(answer: unknown, finishReason: FinishReason, budget: Budget): AgentOutput<unknown> {
  return {
    answer,
    finishReason,
    turns: budget.usagePerTurn.length,
    toolCalls: budget.results,
    usage: { ...budget.usage, perTurn: budget.usagePerTurn },
  };
}
