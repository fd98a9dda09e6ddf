import type { LanguageModelUsage } from "ai";
import type { SdkModel } from "./provider.ts";
import { type ModelReply, replyEnd } from "./seam.ts";
import type { SdkReply } from "./usage.ts";

type Prompt = Parameters<SdkModel["doGenerate"]>[0]["prompt"];
type ReplyPart = Extract<Prompt[number], { role: "assistant" }>["content"][number];

/** What a language model of the AI SDK gave back, as ours. */
export function toReply({ content, usage, finishReason }: SdkReply): ModelReply {
  const parts = content.flatMap(toReplyPart);
  return {
    text: content.map((part) => (part.type === "text" ? part.text : "")).join(""),
    calls: content.flatMap((part) =>
      part.type === "tool-call"
        ? [{ id: part.toolCallId, tool: part.toolName, input: parse(part.input, part.input) }]
        : [],
    ),
    usage: toUsage({
      inputTokens: usage.inputTokens.total,
      outputTokens: usage.outputTokens.total,
      inputTokenDetails: {
        cacheReadTokens: usage.inputTokens.cacheRead,
        cacheWriteTokens: usage.inputTokens.cacheWrite,
      },
    }),
    finishReason: replyEnd.catch("other").parse(finishReason.unified),
    message: parts.length > 0 ? { role: "assistant", content: parts } : null,
  };
}

/** A part of a reply as it goes back with the next request; a provider's metadata goes back to it as they came. */
function toReplyPart(part: SdkReply["content"][number]): ReplyPart[] {
  const { providerMetadata } = part as { providerMetadata?: ReplyPart["providerOptions"] };
  const back = providerMetadata && { providerOptions: providerMetadata };
  switch (part.type) {
    case "text":
      return part.text === "" && !back ? [] : [{ type: "text", text: part.text, ...back }];
    case "reasoning":
      return [{ type: "reasoning", text: part.text, ...back }];
    case "tool-call": {
      const { toolCallId, toolName } = part;
      return [{ type: "tool-call", toolCallId, toolName, input: parse(part.input, {}), ...back }];
    }
    default:
      // What only a provider's own tools make; none are offered.
      return [];
  }
}

/** A call's arguments. A model that has none to give may write nothing. @param otherwise where they are not JSON. */
function parse(text: string, otherwise: unknown): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** The SDK's count of tokens as ours. */
export function toUsage({
  inputTokens,
  outputTokens,
  inputTokenDetails: { cacheReadTokens, cacheWriteTokens },
}: Counted): ModelReply["usage"] {
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cacheReadTokens && { cacheReadTokens }),
    ...(cacheWriteTokens && { cacheWriteTokens }),
  };
}

type Counted = Pick<LanguageModelUsage, "inputTokens" | "outputTokens"> & {
  inputTokenDetails: Pick<LanguageModelUsage["inputTokenDetails"], "cacheReadTokens" | "cacheWriteTokens">;
};
