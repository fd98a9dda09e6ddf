import { type Listeners, loadModel } from "./connect.ts";
import type { ModelReply, ModelRequest } from "./seam.ts";

/** A reply, and when it was asked for and given: ms since the epoch, by the clock of the function that asked. */
export interface TimedReply extends ModelReply {
  startedAt: number;
  endedAt: number;
}

/**
 * Asks the model called `name` once, with the function's own settings and secrets.
 * @throws ModelError
 */
export async function requestReply(
  name: string,
  request: Omit<ModelRequest, "signal">,
  timeoutMs: number,
  listeners: Listeners,
): Promise<TimedReply> {
  const startedAt = Date.now();
  const model = await loadModel(name, listeners);
  const reply = await model({ ...request, signal: AbortSignal.timeout(Math.ceil(timeoutMs)) });
  return { ...reply, startedAt, endedAt: Date.now() };
}
