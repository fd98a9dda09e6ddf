import type { Context } from "hono";
import type { Env } from "../access.ts";
import { keptAlive, TIME_IS_UP } from "../event-stream.ts";
import type { Service } from "../service.ts";
import { type Asked, headOf, type RunEnd, toCompletion } from "./completion.ts";
import { lateError, stillRunning } from "./errors.ts";
import { within } from "./within.ts";

/**
 * How long nothing is sent, in ms, so that a failure has a status. Then the body begins, with empty lines: proxies and clients give
 * up what is silent for longer, such as 30 seconds (CloudFront, Heroku) or 60 (load balancers on AWS, nginx).
 */
const SILENCE_MS = 25_000;

/**
 * Answers with a run's answer when the run has ended.
 * @throws why the run failed, where that is known soon.
 */
export async function answerWhole(service: Service, c: Context<Env>, asked: Asked): Promise<Response> {
  const head = headOf(asked);
  const silence = Math.min(SILENCE_MS, service.streamSeconds * 1000);
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, c.req.raw.signal]);
  const result = service.runs.result(asked.run, signal) as Promise<RunEnd>;
  const early = await within(silence, result);
  if (early) {
    asked.leave();
    return c.json(toCompletion(head, early));
  }
  const work: Parameters<typeof keptAlive>[2] = async (write, over) => {
    over.addEventListener("abort", () => gone.abort(over.reason));
    const body = await result.then(
      (end) => toCompletion(head, end),
      (error) => ({
        error: error === TIME_IS_UP ? stillRunning(asked.id) : lateError(error, service.onError),
      }),
    );
    await write(JSON.stringify(body));
  };
  const seconds = service.streamSeconds - silence / 1000;
  return keptAlive(c, "json", work, { seconds, onEnd: asked.leave });
}
