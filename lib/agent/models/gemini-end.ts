import { InvalidResponseDataError, wrapLanguageModel } from "ai";
import type { SdkModel } from "./provider.ts";
import type { SdkReply } from "./usage.ts";

/**
 * A Gemini model without replies that have no end, and without those whose call Gemini itself could not read: the next try
 * may get a whole one.
 * @see https://ai.google.dev/api/generate-content#FinishReason
 */
export function withSoundEnd(model: SdkModel): SdkModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      wrapGenerate: async ({ doGenerate }) => {
        const reply = await doGenerate();
        if (isUnsound(reply.finishReason)) throw unreadable();
        return { ...reply, warnings: ofTheRequest(reply.warnings) };
      },
      wrapStream: async ({ doStream }) => {
        const { stream, ...rest } = await doStream();
        return { ...rest, stream: stream.pipeThrough(new TransformStream({ transform })) };
      },
    },
  });
}

type Part = Awaited<ReturnType<SdkModel["doStream"]>>["stream"] extends ReadableStream<infer P> ? P : never;

function transform(part: Part, controller: TransformStreamDefaultController<Part>): void {
  if (part.type === "stream-start") controller.enqueue({ ...part, warnings: ofTheRequest(part.warnings) });
  else if (part.type === "finish" && isUnsound(part.finishReason))
    controller.enqueue({ type: "error", error: unreadable() });
  else controller.enqueue(part);
}

const isUnsound = ({ raw }: SdkReply["finishReason"]) => raw === undefined || raw.startsWith("MALFORMED_");

const unreadable = () => new InvalidResponseDataError({ data: undefined, message: "The reply has no end." });

/** Another model's calls have no signatures, and that is as it should be. */
function ofTheRequest(warnings: SdkReply["warnings"]): SdkReply["warnings"] {
  return warnings.filter(
    (warning) => warning.type !== "other" || !warning.message.includes("thoughtSignature"),
  );
}
