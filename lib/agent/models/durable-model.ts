import type { Context } from "@restatedev/restate-sdk/lambda";
import { durableCalls } from "@restatedev/vercel-ai-middleware";
import { type LanguageModelMiddleware, wrapLanguageModel } from "ai";
import { MODEL_TIMEOUT_SECONDS } from "../definition.ts";
import { MODEL_RETRIES, toRestateError } from "../model-failure.ts";
import { logModelFailure } from "../run-log.ts";
import { toModelError } from "./ai-sdk-error.ts";
import { connect } from "./connect.ts";
import type { SdkModel } from "./provider.ts";
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
  const { modelId } = parseModelName(name);
  return {
    specificationVersion: "v4",
    provider: name,
    modelId,
    supportedUrls: {},
    async doGenerate(request) {
      const abortSignal = AbortSignal.timeout(MODEL_TIMEOUT_SECONDS * 1000);
      try {
        const connection = await connect(name);
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
