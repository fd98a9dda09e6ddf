import type { RunEvent } from "../../events/index.ts";

/** How a run ended, as its output and its last event say. */
export type RunEnd = Pick<Extract<RunEvent, { type: "run-ended" }>, "answer" | "finishReason" | "usage">;

/** A run that answers a request. */
export interface Asked {
  run: string;
  /** The run's id, as its subject knows it. */
  id: string;
  /** The agent's name. */
  model: string;
  /** Whether a stream ends with the tokens that were used. */
  includeUsage: boolean;
  /** Gives back the place that the request takes. */
  leave: () => void;
}

/** What all parts of an answer say of it. `created`: when it was asked for, in seconds since the epoch. */
export const headOf = ({ id, model }: Pick<Asked, "id" | "model">) => ({
  id,
  created: Math.floor(Date.now() / 1000),
  model,
});

/** @see https://platform.openai.com/docs/api-reference/chat/object */
export const toCompletion = (head: ReturnType<typeof headOf>, end: RunEnd) => ({
  ...head,
  object: "chat.completion",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: contentOf(end), refusal: null },
      logprobs: null,
      finish_reason: finishReasonOf(end),
    },
  ],
  usage: usageOf(end),
});

/** An answer with a shape is told as its JSON. */
export const contentOf = ({ answer }: Pick<RunEnd, "answer">): string =>
  typeof answer === "string" ? answer : JSON.stringify(answer);

/** Where a limit has ended the run the answer may lack something, as one that has become too long does. */
export function finishReasonOf({ finishReason }: Pick<RunEnd, "finishReason">) {
  if (finishReason === "content-filter") return "content_filter";
  return finishReason === "stop" || finishReason === "other" ? "stop" : "length";
}

/** All of the run's tokens, of every turn. */
export function usageOf({ usage: { inputTokens, outputTokens, cacheReadTokens } }: Pick<RunEnd, "usage">) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens ?? 0 },
  };
}
