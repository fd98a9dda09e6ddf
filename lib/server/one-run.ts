import type { Context } from "hono";
import { type Outcome, outcomeOf, type RunStatus } from "../client/index.ts";
import type { Env } from "./access.ts";
import { eventStream } from "./event-stream.ts";
import { Behind } from "./feed.ts";
import { noSuchRun, tooManyStreams } from "./refusal.ts";
import { readCount } from "./run-request.ts";
import { type Service, soon } from "./service.ts";

/** How long a request may wait for a run, in seconds. */
const MAX_WAIT_SECONDS = 30;

/** A run of the one who asks: its id as they know it, and the invocation. */
export interface OwnRun {
  id: string;
  run: string;
}

/** Makes a route of what is done with a run, for its subject only. */
export const ofOwnRun =
  (
    service: Service,
    work: (service: Service, c: Context<Env>, own: OwnRun) => Promise<Response>,
  ): ((c: Context<Env>) => Promise<Response>) =>
  async (c) => {
    const id = c.req.param("id") ?? "";
    const run = service.ids.read(c.get("subject"), id);
    return run === undefined ? noSuchRun(c) : await work(service, c, { id, run });
  };

/** `GET /runs/:id`: how a run stands, at its end or after a while. */
export async function readStatus(service: Service, c: Context<Env>, { id, run }: OwnRun): Promise<Response> {
  const seconds = Math.min(MAX_WAIT_SECONDS, readCount(c.req.query("wait")) ?? 0);
  if (seconds > 0) {
    const leave = service.places.take(c.get("subject"));
    if (!leave) return tooManyStreams(c);
    const patience = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(seconds * 1000)]);
    // Whatever comes of it, and of the waiting, is asked for below.
    await service.runs.result(run, patience).catch(() => {});
    leave();
  }
  return c.json(toStatus(id, await outcomeOf(service.restate, run, soon(c))));
}

function toStatus(id: string, outcome: Outcome): RunStatus {
  if (outcome.state === "running" || outcome.state === "succeeded") return { id, ...outcome };
  const { status = 500, message } = outcome.error;
  return { id, state: outcome.state, error: { status, message } };
}

/** `GET /runs/:id/events`. */
export async function streamRun(service: Service, c: Context<Env>, { run }: OwnRun): Promise<Response> {
  const leave = service.places.take(c.get("subject"));
  if (!leave) return tooManyStreams(c);
  const seen = readCount(c.req.header("last-event-id"));
  const after = seen === undefined ? 0 : seen + 1;
  try {
    const { state } = await outcomeOf(service.restate, run, soon(c));
    // A browser connects again and again, until it is told that there is nothing more.
    if (state !== "running" && seen !== undefined && !(await hasMore(service, run, after))) {
      leave();
      return c.body(null, 204);
    }
  } catch (error) {
    leave();
    throw error;
  }
  return eventStream(c, (signal) => service.feeds.events(run, after, signal), {
    seconds: service.streamSeconds,
    onEnd: (failure) => {
      leave();
      // Who is too slow connects again, and goes on.
      if (failure !== undefined && !(failure instanceof Behind)) service.onError(failure);
    },
  });
}

/** Whether a run that is over has told something from a position on. */
async function hasMore({ feeds }: Service, run: string, after: number): Promise<boolean> {
  const reading = new AbortController();
  for await (const _ of feeds.events(run, after, reading.signal)) return true;
  return false;
}

/** `POST /runs/:id/cancel`. */
export async function cancelRun({ runs }: Service, c: Context<Env>, { id, run }: OwnRun): Promise<Response> {
  await runs.cancel(run, soon(c));
  return c.json({ id }, 202);
}
