import type { Context } from "@restatedev/restate-sdk/lambda";
import { durableStep } from "../../call/index.ts";
import type { Agent } from "../definition.ts";
import { MODEL_RETRIES, toRestateError } from "../model-failure.ts";
import { logModelFailure, logWarnings } from "../run-log.ts";
import { inChatSpan, noteBegin } from "../telemetry.ts";
import { toModelError } from "./ai-sdk-error.ts";
import { connect } from "./connect.ts";
import type { SdkModel } from "./provider.ts";
import { optionsOf } from "./provider.ts";
import { parseModelName } from "./providers.ts";
import { toReply } from "./reply.ts";

type Request = Parameters<SdkModel["doGenerate"]>[0];

/**
 * The model called `name`, as an AI SDK language model each of whose requests is one durable step of `ctx`. A provider's
 * rate limit or outage is tried again by Restate; its failure is a TerminalError with a clean message.
 */
export function durableModel(
  ctx: Context,
  name: string,
  { parallelToolCalls, agent }: { parallelToolCalls: boolean; agent: Agent },
): SdkModel {
  /** Settings and secrets are read inside the step: reading them may fail like the request. */
  const ask = async (request: Request) => {
    const abortSignal = AbortSignal.timeout(agent.modelTimeout.seconds * 1000);
    try {
      const connection = await connect(name);
      const asked = { tools: request.tools ?? [], parallelToolCalls, settings: agent };
      const providerOptions = optionsOf(asked, connection);
      const generate = async () =>
        connection.languageModel.doGenerate({ ...request, providerOptions, abortSignal });
      const { warnings, ...reply } = await inChatSpan(name, generate, toReply).catch((error) => {
        throw toModelError(error, connection, abortSignal);
      });
      logWarnings(ctx, name, warnings);
      // The SDK's loop would print them in each replay.
      return { ...reply, warnings: [] };
    } catch (error) {
      logModelFailure(ctx, name, error);
      throw toRestateError(error);
    }
  };
  return {
    specificationVersion: "v4",
    provider: name,
    modelId: parseModelName(name).modelId,
    supportedUrls: {},
    // With bounded replies it is plain JSON that the journal holds.
    doGenerate: async (request) => {
      const reply = await durableStep(
        ctx,
        `calling ${name}`,
        async () => ({ startedAt: Date.now(), ...(await ask(request)) }),
        MODEL_RETRIES,
      );
      noteBegin(ctx, reply.startedAt);
      return reply;
    },
    doStream: () => {
      throw new TypeError("a durable step has one result: streaming is not supported");
    },
  };
}
