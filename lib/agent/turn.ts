import { CancelledError, type Context, RetryableError, TerminalError } from "@restatedev/restate-sdk/lambda";
import { z } from "zod";
import { cleanMessage } from "../tool/error.ts";
import type { Tool } from "../tool/index.ts";
import { MODEL_TIMEOUT_SECONDS } from "./definition.ts";
import { requestReply, type TimedReply } from "./models/request.ts";
import { ModelError, type ModelRequest, type OfferedTool } from "./models/seam.ts";

/** Tries of one model turn before the run fails. */
const MODEL_ATTEMPTS = 3;
/** The longest wait between two tries, in seconds: a person is waiting for the run. */
const MAX_RETRY_AFTER_SECONDS = 60;
/** HTTP status of a run whose model gave no reply. */
const BAD_GATEWAY = 502;

/**
 * Asks the model for its next reply, as one durable step.
 * A provider's rate limit or outage is retried by Restate, after the provider's retry-after where it gives one.
 */
export async function askModel(
  ctx: Context,
  { turn, model, request }: { turn: number; model: string; request: Omit<ModelRequest, "signal"> },
): Promise<TimedReply> {
  const attempt = () =>
    requestReply(model, request, MODEL_TIMEOUT_SECONDS * 1000).catch((error) => {
      throw toRestateError(error);
    });
  try {
    return await ctx.run(`model turn ${turn}`, attempt, {
      maxRetryAttempts: MODEL_ATTEMPTS,
      initialRetryInterval: 500,
      maxRetryInterval: { seconds: 10 },
    });
  } catch (error) {
    throw ofTheModel(error);
  }
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
    ...(retryAfterSeconds !== undefined && {
      retryAfter: { seconds: Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS) },
    }),
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
