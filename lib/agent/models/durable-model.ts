import type { Context } from "@restatedev/restate-sdk/lambda";
import { durableCalls } from "@restatedev/vercel-ai-middleware";
import { type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { readSecret, readSetting } from "../../runtime/index.ts";
import { MODEL_TIMEOUT_SECONDS } from "../definition.ts";
import { MODEL_RETRIES, toRestateError } from "../model-failure.ts";
import { logModelFailure } from "../run-log.ts";
import type { SdkModel } from "./ai-sdk.ts";
import { toModelError } from "./ai-sdk-error.ts";
import { parseModelName } from "./providers.ts";

/**
 * The model called `name`, as an AI SDK language model each of whose requests is one durable step of `ctx`. A provider's
 * rate limit or outage is tried again by Restate; its failure is a TerminalError with a clean message.
 */
export function durableModel(ctx: Context, name: string, options: { parallelToolCalls: boolean }) {
  return wrapLanguageModel({
    model: connectedLate(ctx, name, options),
    // Its types come from a neighbouring release of the same specification, v4.
    middleware: durableCalls(ctx, MODEL_RETRIES) as LanguageModelMiddleware,
  });
}

/** Settings and secrets are read with the first request, inside its durable step: reading them may fail like it. */
function connectedLate(
  ctx: Context,
  name: string,
  { parallelToolCalls }: { parallelToolCalls: boolean },
): SdkModel {
  const { provider, modelId } = parseModelName(name);
  const setting = (variable: string) => readSetting(variable, provider.env[variable] ?? "");
  return {
    specificationVersion: "v4",
    provider: name,
    modelId,
    supportedUrls: {},
    async doGenerate(request) {
      const abortSignal = AbortSignal.timeout(MODEL_TIMEOUT_SECONDS * 1000);
      try {
        const connection = await provider.connect(modelId, { setting, secret: readSecret });
        const providerOptions = connection.providerOptions({ tools: request.tools ?? [], parallelToolCalls });
        return await connection.languageModel
          .doGenerate({ ...request, providerOptions, abortSignal })
          .then(undefined, (error) => {
            throw toModelError(error, connection, abortSignal);
          });
      } catch (error) {
        logModelFailure(ctx, name, error);
        throw toRestateError(error);
      }
    },
    doStream: () => {
      throw new TypeError("a durable step has one result: streaming is not supported");
    },
  };
}
