import { CancelledError, type Context } from "@restatedev/restate-sdk/lambda";
import { durableStep, isCancelledFirst } from "../call/index.ts";
import { type Watch, withLiveText } from "../events/index.ts";
import type { Agent } from "./definition.ts";
import { inOrder } from "./fallback.ts";
import type { RunSettings } from "./input.ts";
import { MODEL_RETRIES, mayFallBack, ofTheModel, toRestateError } from "./model-failure.ts";
import { readableBy } from "./models/foreign-reply.ts";
import { turnSerde } from "./models/journaled-reply.ts";
import { requestReply, type TimedReply } from "./models/request.ts";
import type { ModelRequest } from "./models/seam.ts";
import { type OutOfTime, withinTime } from "./models/within-time.ts";
import { logFallback, logModelFailure, logWarnings } from "./run-log.ts";
import { inChatSpan, noteBegin } from "./telemetry.ts";

/** One turn of a run. */
interface Turn {
  /** From 1. */
  turn: number;
  /** The durable step. Default: the turn. */
  name?: string;
  /** How many of the messages were before the run. Default none. */
  past?: number | undefined;
  agent: Agent;
  settings: RunSettings;
  request: Omit<ModelRequest, "signal" | "settings">;
  /** F11: when a request that begins then must have ended; ms since the epoch. */
  dueAt: (startedAt: number) => number;
  /** Who watches, and may read what the model writes while it writes it. */
  watch?: Watch | undefined;
}

/**
 * Asks for the next reply: the turn's model, and where it fails for good the next one, if the agent has fallbacks.
 * Each model is a durable step of its own, so that a replay goes the same way: what a step returns is in the journal, also that it
 * failed, or that time was over.
 * @throws ModelFailure when no model gave a reply.
 */
export function askModel(ctx: Context, asked: Turn): Promise<TimedReply | OutOfTime> {
  const { agent, settings, request } = asked;
  const own = request.messages.slice(asked.past);
  return askFirst(ctx, asked, inOrder(settings.model, agent.fallbacks, own), []);
}

async function askFirst(
  ctx: Context,
  asked: Turn,
  [model = "", ...others]: readonly string[],
  failures: readonly string[],
): Promise<TimedReply | OutOfTime> {
  const [next] = others;
  const { turn, settings } = asked;
  const step = modelStep(ctx, asked, model, { isLast: next === undefined });
  // F13: a cancelled run asks no further model.
  const ended = next !== undefined && (await isCancelledFirst(ctx, step));
  try {
    const reply = await step;
    noteBegin(ctx, reply.startedAt);
    return model === settings.model || "outOfTime" in reply ? reply : { ...reply, model };
  } catch (error) {
    if (ended) throw new CancelledError();
    if (next === undefined || !mayFallBack(error)) {
      const attached = asked.request.messages.some((one) => one.role === "user" && one.attachments?.length);
      throw ofTheModel(error, failures, { attached });
    }
    logFallback(ctx, { turn, model, next });
    return askFirst(ctx, asked, others, [...failures, error.message]);
  }
}

/** A provider's rate limit or outage is retried by Restate, after the provider's retry-after where it gives one. */
function modelStep(ctx: Context, asked: Turn, model: string, { isLast }: { isLast: boolean }) {
  const { turn, settings, dueAt } = asked;
  const due = (startedAt: number) => {
    noteBegin(ctx, startedAt);
    return dueAt(startedAt);
  };
  const attempt = () =>
    withinTime(due, (leftMs) => ask(ctx, asked, model, leftMs), { isLast }).catch((error) => {
      throw toRestateError(error);
    });
  const { name: step = `model turn ${turn}` } = asked;
  const name = model === settings.model ? step : `${step}, ${model}`;
  return durableStep(ctx, name, attempt, { ...MODEL_RETRIES, serde: turnSerde });
}

function ask(ctx: Context, { turn, agent, settings, request, watch }: Turn, model: string, leftMs: number) {
  const timeoutMs = Math.min(leftMs, agent.modelTimeout.seconds * 1000);
  const { temperature, reasoning, providerOptions, promptCaching } = agent;
  const { maxOutputTokens } = settings;
  const full = {
    ...request,
    messages: readableBy(model, request.messages, settings.model),
    settings: { temperature, maxOutputTokens, reasoning, providerOptions, promptCaching },
  };
  const onWarnings = logWarnings.bind(undefined, ctx, model);
  const send = () =>
    withLiveText(ctx, watch, turn, (onText) => requestReply(model, full, timeoutMs, { onText, onWarnings }));
  return inChatSpan(model, send, (reply) => reply).catch((error) => {
    logModelFailure(ctx, model, error);
    throw error;
  });
}
