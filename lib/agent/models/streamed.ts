import { APICallError, InvalidResponseDataError, wrapLanguageModel } from "ai";
import { TooLong } from "../../runtime/index.ts";
import type { SdkModel } from "./provider.ts";
import type { SdkReply } from "./usage.ts";

type Part = Awaited<ReturnType<SdkModel["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;
type Content = SdkReply["content"][number];

/**
 * The same model, asked for its reply as a stream.
 * @param onText gets what it writes, as it comes; the reply is whole all the same.
 */
export function streamed(model: SdkModel, onText: (text: string) => void): SdkModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      wrapGenerate: async ({ doStream, params: { abortSignal } }) => {
        const { stream } = await doStream();
        try {
          return await collect(stream, onText);
        } catch (error) {
          throw abortSignal?.aborted ? error : brokenOff(error);
        }
      },
    },
  });
}

/** What a stream amounts to. */
async function collect(stream: ReadableStream<Part>, onText: (text: string) => void): Promise<SdkReply> {
  const content: Content[] = [];
  /** Texts and thoughts that are being written. */
  const open = new Map<string, Extract<Content, { text: string }>>();
  let warnings: SdkReply["warnings"] = [];
  for await (const part of stream) {
    switch (part.type) {
      case "stream-start":
        warnings = part.warnings;
        break;
      case "text-start":
      case "reasoning-start": {
        const begun = { type: kindOf(part.type), text: "", ...metadata(part) } as const;
        open.set(part.id, begun);
        content.push(begun);
        break;
      }
      case "text-delta":
      case "reasoning-delta":
        append(open.get(part.id), part);
        if (part.type === "text-delta") onText(part.delta);
        break;
      case "text-end":
      case "reasoning-end":
        Object.assign(open.get(part.id) ?? {}, metadata(part));
        break;
      case "tool-call":
        content.push(part);
        break;
      case "error":
        throw part.error;
      case "finish":
        if (part.finishReason.unified === "interrupted") throw new TypeError("the stream was cut");
        return { content, usage: part.usage, finishReason: part.finishReason, warnings };
    }
  }
  throw new TypeError("the stream has no end");
}

const kindOf = (start: "text-start" | "reasoning-start") => (start === "text-start" ? "text" : "reasoning");

/** A provider may say what it needs back at the begin, at the end, or anywhere between. */
const metadata = ({ providerMetadata }: { providerMetadata?: SdkReply["providerMetadata"] }) =>
  providerMetadata && { providerMetadata };

function append(written: { text: string } | undefined, part: Extract<Part, { delta: string }>): void {
  if (written) Object.assign(written, { text: written.text + part.delta }, metadata(part));
}

/** What broke off may be whole the next time. */
function brokenOff(error: unknown): unknown {
  if (APICallError.isInstance(error) || error instanceof TooLong) return error;
  if ((error as Error | undefined)?.cause instanceof TooLong) return error;
  return new InvalidResponseDataError({ data: undefined, message: "The reply broke off." });
}
