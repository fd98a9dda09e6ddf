import { toModelError } from "./ai-sdk-error.ts";
import { toPrompt, toTools } from "./prompt.ts";
import type { Connection } from "./provider.ts";
import { toReply } from "./reply.ts";
import type { Model } from "./seam.ts";

/**
 * Makes an AI SDK language model into ours: one provider request per call, tools offered but never executed. The language
 * model is asked itself, without the SDK's `generateText`: there is no loop to run here, and no turn should check the whole
 * conversation again.
 */
export function aiSdkModel(connection: Connection): Model {
  return async (request) => {
    const { instructions, messages, tools, toolChoice, signal } = request;
    try {
      return toReply(
        await connection.languageModel.doGenerate({
          prompt: toPrompt(instructions, messages),
          // Some providers refuse an empty list, and a choice without tools.
          ...(tools.length > 0 && { tools: toTools(tools), toolChoice: { type: toolChoice } }),
          abortSignal: signal,
          providerOptions: connection.providerOptions(request),
        }),
      );
    } catch (error) {
      throw toModelError(error, connection, signal);
    }
  };
}
