import { toModelError } from "./ai-sdk-error.ts";
import { toPrompt, toTools, withCacheMarks } from "./prompt.ts";
import { type Connection, optionsOf } from "./provider.ts";
import { toReply } from "./reply.ts";
import type { CallSettings, Model, ModelRequest } from "./seam.ts";
import { refuseUnreachable } from "./unreachable.ts";
import type { SdkReply } from "./usage.ts";

/**
 * Makes an AI SDK language model into ours: one provider request per call, tools offered but never executed. The language
 * model is asked itself, without the SDK's `generateText`: there is no loop to run here, and no turn should check the whole
 * conversation again.
 * @param onWarnings gets what the SDK has to say of a request that it could not make as it was asked to.
 */
export function aiSdkModel(
  connection: Connection,
  onWarnings?: (warnings: SdkReply["warnings"]) => void,
): Model {
  return async (request) => {
    const { tools, toolChoice, signal, settings = {} } = request;
    try {
      await refuseUnreachable(request.messages, connection.languageModel);
      const reply = await connection.languageModel.doGenerate({
        prompt: promptOf(request, connection),
        ...callOptions(settings),
        // Some providers refuse an empty list, and a choice without tools.
        ...(tools.length > 0 && { tools: toTools(tools), toolChoice: { type: toolChoice } }),
        abortSignal: signal,
        providerOptions: optionsOf(request, connection),
      });
      onWarnings?.(reply.warnings);
      return toReply(reply);
    } catch (error) {
      throw toModelError(error, connection, signal);
    }
  };
}

/** The settings that the SDK has for every provider. */
export function callOptions({ temperature, maxOutputTokens, reasoning }: CallSettings) {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

function promptOf(
  { instructions, messages, tools, toolChoice, settings }: ModelRequest,
  { cacheMark }: Connection,
) {
  const prompt = toPrompt(instructions, messages);
  if (settings?.promptCaching !== "on" || !cacheMark) return prompt;
  // Without calls there is no next turn that could read the conversation from the cache.
  const goesOn = tools.length > 0 && toolChoice !== "none";
  return withCacheMarks(prompt, cacheMark, { goesOn });
}
