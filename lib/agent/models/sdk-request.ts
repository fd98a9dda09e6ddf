import { jsonBytes, readSecret, TooLong } from "../../runtime/index.ts";
import { inChatSpan } from "../telemetry.ts";
import { MAX_REPLY_BYTES } from "./bounded-fetch.ts";
import { fromClient } from "./client-error.ts";
import type { Provider } from "./provider.ts";
import { parseModelName } from "./providers.ts";
import { ModelError, type ModelReply } from "./seam.ts";

/** How another SDK's loop asks its model. */
export interface Asked {
  /** The model by its provider's name, such as `gpt-5.4`. */
  modelId: string;
  /** F11: false in the last turn of a run that is at a limit: the model is to answer with what it has, so offer it no tools. */
  offersTools: boolean;
  /** Aborts when the request has taken as long as it may. */
  signal: AbortSignal;
}

/** What a run has to know of a reply, whatever an SDK calls it. Arguments of a call that are no JSON are left as text. */
export type ReadReply = Pick<ModelReply, "text" | "calls" | "usage"> &
  Partial<Pick<ModelReply, "finishReason">>;

/** A request, and what its reply says: a pure function, since replays ask it again. */
export interface SdkRequest<Reply> {
  send: (asked: Asked) => Promise<Reply>;
  read: (reply: Reply) => ReadReply;
}

/** What a durable step of the model returns: the SDK's reply, when it was asked for and came, and how many calls it asks for. */
export interface TimedSdkReply<Reply> {
  reply: Reply;
  startedAt: number;
  endedAt: number;
  asked: number;
}

/**
 * Makes one request by another SDK, inside a durable step.
 * @param dueAt when a request that begins now must have ended, ms since the epoch.
 * @throws ModelError when the request fails, or its reply is no JSON or too long for a journal.
 */
export async function requestBySdk<Reply>(
  model: string,
  {
    offersTools,
    timeoutMs,
    dueAt,
  }: { offersTools: boolean; timeoutMs: number; dueAt: (startedAt: number) => number },
  { send, read }: SdkRequest<Reply>,
): Promise<TimedSdkReply<Reply>> {
  const { modelId, provider } = parseModelName(model);
  const startedAt = Date.now();
  const due = dueAt(startedAt);
  const leftMs = Math.max(0, due - startedAt);
  const signal = AbortSignal.timeout(Math.ceil(Math.min(timeoutMs, leftMs)));
  try {
    const reply = await inChatSpan(
      model,
      () => send({ modelId, offersTools, signal }),
      (reply) => ({ finishReason: "stop", ...read(reply) }),
    );
    if (jsonBytes(reply) > MAX_REPLY_BYTES) throw new TooLong("a reply");
    return { reply, startedAt, endedAt: Date.now(), asked: read(reply).calls.length };
  } catch (error) {
    const failure = fromClient(error, { model, apiKeys: await keysOf(provider), signal });
    if (!failure.retryable || Date.now() < due) throw failure;
    throw new ModelError(failure.message, { retryable: false, cause: failure.cause });
  }
}

/** The keys that must not appear in a message, as far as they can be read. */
async function keysOf({ secrets }: Provider): Promise<string[]> {
  const values = await Promise.all(secrets.map((name) => readSecret(name).catch(() => undefined)));
  return values.flatMap((value) => value?.trim() || []);
}
