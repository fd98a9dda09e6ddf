import type { Context } from "@restatedev/restate-sdk/lambda";
import { durableStep } from "../call/index.ts";
import { type Watch, withLiveText } from "../events/index.ts";
import { MODEL_TIMEOUT_SECONDS } from "./definition.ts";
import { MODEL_RETRIES, ofTheModel, toRestateError } from "./model-failure.ts";
import { turnSerde } from "./models/journaled-reply.ts";
import { requestReply, type TimedReply } from "./models/request.ts";
import type { ModelRequest } from "./models/seam.ts";
import { type OutOfTime, withinTime } from "./models/within-time.ts";
import { logModelFailure } from "./run-log.ts";
import { inChatSpan, noteBegin } from "./telemetry.ts";

/** One request to a model. */
interface Turn {
  /** From 1. */
  turn: number;
  model: string;
  request: Omit<ModelRequest, "signal">;
  /** F11: when a request that begins then must have ended; ms since the epoch. */
  dueAt: (startedAt: number) => number;
  /** Who watches, and may read what the model writes while it writes it. */
  watch?: Watch | undefined;
}

/**
 * Asks the model for its next reply, as one durable step: what it returns is in the journal, also that time was over.
 * A provider's rate limit or outage is retried by Restate, after the provider's retry-after where it gives one.
 */
export async function askModel(
  ctx: Context,
  { turn, model, request, dueAt, watch }: Turn,
): Promise<TimedReply | OutOfTime> {
  const ask = (leftMs: number) => {
    const timeoutMs = Math.min(leftMs, MODEL_TIMEOUT_SECONDS * 1000);
    const send = () =>
      withLiveText(ctx, watch, turn, (onText) => requestReply(model, request, timeoutMs, onText));
    return inChatSpan(model, send, (reply) => reply).catch((error) => {
      logModelFailure(ctx, model, error);
      throw error;
    });
  };
  const due = (startedAt: number) => {
    noteBegin(ctx, startedAt);
    return dueAt(startedAt);
  };
  const attempt = () =>
    withinTime(due, ask).catch((error) => {
      throw toRestateError(error);
    });
  try {
    const reply = await durableStep(ctx, `model turn ${turn}`, attempt, {
      ...MODEL_RETRIES,
      serde: turnSerde,
    });
    noteBegin(ctx, reply.startedAt);
    return reply;
  } catch (error) {
    throw ofTheModel(error);
  }
}
