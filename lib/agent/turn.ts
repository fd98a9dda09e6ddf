import { CancelledError, type Context, RetryableError, TerminalError } from "@restatedev/restate-sdk/lambda";
import { z } from "zod";
import { readSecret, readSetting } from "../tool/environment.ts";
import { cleanMessage } from "../tool/error.ts";
import type { Tool } from "../tool/index.ts";
import { type Agent, MODEL_TIMEOUT_SECONDS } from "./definition.ts";
import { parseModelName } from "./models/providers.ts";
import { ModelError, type ModelReply, type ModelRequest, type OfferedTool } from "./models/seam.ts";

/** Tries of one model turn before the run fails. */
const MODEL_ATTEMPTS = 3;
/** HTTP status of a run whose model gave no reply. */
const BAD_GATEWAY = 502;

/** Asks the model for its next reply, as one durable step. */
export type AskModel = (
  ctx: Context,
  turn: number,
  request: Omit<ModelRequest, "signal">,
) => Promise<ModelReply>;

/**
 * The durable model step of an agent. The deployment's MODEL setting replaces the agent's own model.
 * A provider's rate limit or outage is retried by Restate, after the provider's retry-after where it gives one.
 * @throws TypeError when the model's provider is unknown.
 */
export function modelStep(agent: Agent): AskModel {
  const { provider, modelId } = parseModelName(readSetting("MODEL", agent.model));
  const config = {
    setting: (name: string) => readSetting(name, provider.env[name] ?? ""),
    secret: readSecret,
  };
  const attempt = async (request: Omit<ModelRequest, "signal">) => {
    try {
      const model = await provider.load(modelId, config);
      return await model({ ...request, signal: AbortSignal.timeout(MODEL_TIMEOUT_SECONDS * 1000) });
    } catch (error) {
      throw toRestateError(error);
    }
  };
  return async (ctx, turn, request) => {
    try {
      return await ctx.run(`model turn ${turn}`, () => attempt(request), {
        maxRetryAttempts: MODEL_ATTEMPTS,
        initialRetryInterval: 500,
        maxRetryInterval: { seconds: 10 },
      });
    } catch (error) {
      throw ofTheModel(error);
    }
  };
}

/** Restate says 500 when the attempts are used up; what failed is the model behind this service. */
function ofTheModel(error: unknown): unknown {
  return error instanceof TerminalError && !(error instanceof CancelledError)
    ? new TerminalError(error.message, { errorCode: BAD_GATEWAY })
    : error;
}

function toRestateError(error: unknown): Error {
  const message = cleanMessage(error);
  if (!(error instanceof ModelError && error.retryable))
    return new TerminalError(message, { errorCode: BAD_GATEWAY });
  const { retryAfterSeconds } = error;
  return new RetryableError(message, {
    errorCode: BAD_GATEWAY,
    ...(retryAfterSeconds !== undefined && { retryAfter: { seconds: retryAfterSeconds } }),
  });
}

/** Contracts as the model sees them. */
export function offer(tools: readonly Tool[]): OfferedTool[] {
  return tools.map(({ name, description, input }) => ({
    name,
    description,
    // The input side: fields with defaults are optional for whoever writes the arguments.
    inputSchema: z.toJSONSchema(input, { io: "input" }) as Record<string, unknown>,
  }));
}
