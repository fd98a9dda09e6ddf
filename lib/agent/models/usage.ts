import { jsonBytes } from "../../runtime/index.ts";
import type { SdkModel } from "./provider.ts";

/** What the AI SDK gives back for one request. */
export type SdkReply = Awaited<ReturnType<SdkModel["doGenerate"]>>;

/**
 * How much text a token is, in bytes, where a provider does not say how many there were.
 * @see https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them
 */
const BYTES_PER_TOKEN = 4;
/** More than any request has; whatever a provider claims, the sums of a run stay whole numbers. */
const MAX_TOKENS = 1_000_000_000;

/**
 * F11: a provider's count of tokens. One that is missing, zero or negative is estimated by what was sent and what came, so that a
 * run's limits hold with any provider.
 */
export function soundUsage(
  { inputTokens, outputTokens }: SdkReply["usage"],
  { sent, received }: { sent: unknown; received: unknown },
): SdkReply["usage"] {
  const total = tokens(inputTokens.total, sent);
  const cacheRead = within(total, inputTokens.cacheRead);
  const cacheWrite = within(total - cacheRead, inputTokens.cacheWrite);
  return {
    inputTokens: { ...inputTokens, total, cacheRead, cacheWrite },
    outputTokens: { ...outputTokens, total: tokens(outputTokens.total, received) },
  };
}

/** A part of a sum; none where the provider does not say. */
function within(total: number, count = 0): number {
  return count > 0 ? Math.min(Math.ceil(count), total) : 0;
}

function tokens(count: number | undefined, text: unknown): number {
  return counted(count, jsonBytes(text));
}

/** F11: a count of tokens, or an estimate of it. @param bytes of the text that was counted. */
export function counted(count: number | undefined, bytes: number): number {
  return count !== undefined && count > 0
    ? Math.min(Math.ceil(count), MAX_TOKENS)
    : Math.ceil(bytes / BYTES_PER_TOKEN);
}
