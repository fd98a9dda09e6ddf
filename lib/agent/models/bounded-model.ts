import { wrapLanguageModel } from "ai";
import { headOfTooDeep, jsonBytes, TooLong } from "../../runtime/index.ts";
import { MAX_REPLY_BYTES } from "./bounded-fetch.ts";
import type { SdkModel } from "./provider.ts";
import { type SdkReply, soundUsage } from "./usage.ts";

/**
 * The same model with replies that a run can count, walk and journal. Of arguments that nest too deep only the head is
 * left, which is no JSON. Bodies and headers, which the SDK reports beside the reply, are left out.
 * A reply that has become longer than its body was (`1e20` is 21 digits in JSON) fails with `TooLong`.
 */
export function withBounds(model: SdkModel): SdkModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      wrapGenerate: async ({ doGenerate, params: { prompt, tools } }) => {
        const { content: parts, finishReason, usage, warnings } = await doGenerate();
        const content = parts.map(withBoundedArguments);
        const journaled = content.map(asJournaled);
        const bytes = jsonBytes(journaled);
        if (bytes > MAX_REPLY_BYTES) throw new TooLong(`${bytes} bytes`);
        const exchange = { sent: { prompt, tools }, received: journaled };
        return { content, finishReason, usage: soundUsage(usage, exchange), warnings };
      },
    },
  });
}

type Part = SdkReply["content"][number];

function withBoundedArguments(part: Part): Part {
  return part.type === "tool-call" ? { ...part, input: headOfTooDeep(part.input) } : part;
}

/** Arguments come as text, and are journaled as the JSON that they are. */
function asJournaled(part: Part): unknown {
  if (part.type !== "tool-call") return part;
  try {
    return { ...part, input: JSON.parse(part.input) };
  } catch {
    return part;
  }
}
