import { logWarnings } from "../run-log.ts";
import type { SdkLoop } from "../sdk-loop.ts";
import { toModelError } from "./ai-sdk-error.ts";
import { connect } from "./connect.ts";
import { optionsOf, type SdkModel } from "./provider.ts";
import { parseModelName } from "./providers.ts";
import { toReply } from "./reply.ts";
import type { Asked } from "./sdk-request.ts";

type Request = Parameters<SdkModel["doGenerate"]>[0];

/** The run's model as a language model of the AI SDK, each of whose requests is one durable step. */
export function durableModel(run: SdkLoop): SdkModel {
  return {
    specificationVersion: "v4",
    provider: run.model,
    modelId: parseModelName(run.model).modelId,
    supportedUrls: {},
    // With bounded replies it is plain JSON that the journal holds.
    doGenerate: (request) => run.ask({ send: (asked) => generate(run, request, asked), read: toReply }),
    doStream: () => {
      throw new TypeError("a durable step has one result: streaming is not supported");
    },
  };
}

/** Settings and secrets are read inside the step: reading them may fail like the request. */
async function generate({ ctx, agent, model }: SdkLoop, request: Request, { offersTools, signal }: Asked) {
  const connection = await connect(model);
  const { parallelToolCalls } = agent;
  const asked = { tools: request.tools ?? [], parallelToolCalls, settings: agent };
  try {
    const { warnings, ...reply } = await connection.languageModel.doGenerate({
      ...request,
      ...(!offersTools && request.tools && { toolChoice: { type: "none" as const } }),
      providerOptions: optionsOf(asked, connection),
      abortSignal: signal,
    });
    logWarnings(ctx, model, warnings);
    // The SDK's loop would print them in each replay.
    return { ...reply, warnings: [] };
  } catch (error) {
    throw toModelError(error, connection, signal);
  }
}
