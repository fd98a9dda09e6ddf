import type { ModelReply } from "./seam.ts";

/**
 * Claude's arguments that the length limit cut are closed by the API, so half a call looks like a whole one. Without the
 * brace that the model never wrote it is what it is: not JSON.
 * @see https://docs.claude.com/en/api/handling-stop-reasons
 */
export function withCutCallMarked(reply: ModelReply): ModelReply {
  const last = reply.calls.at(-1);
  if (reply.finishReason !== "length" || !last) return reply;
  const input = JSON.stringify(last.input).replace(/\}$/, "");
  return { ...reply, calls: reply.calls.with(-1, { ...last, input }) };
}
