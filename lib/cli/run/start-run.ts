import { setTimeout as sleep } from "node:timers/promises";
import type { AgentOutput } from "../../agent/index.ts";
import { ingressRuns, type Runs } from "../../client/index.ts";
import type { RunEvent } from "../../events/index.ts";
import type { Live } from "../drawing/live.ts";
import { StoppedWatching } from "./cancel-run.ts";
import { openConversation } from "./conversation.ts";
import type { RunProgress } from "./progress.ts";
import type { RunRequest } from "./request.ts";
import { explainFailure } from "./run-failure.ts";
import { toldProgress } from "./told-progress.ts";

/** How often a view of a run is drawn, in ms: bars grow. */
const DRAW_MS = 100;
/** How long after a run's result its last events are waited for, in ms. */
const LAST_WORDS_MS = 1_000;

/** A run that Restate has accepted. */
export interface AcceptedRun {
  invocationId: string;
  /**
   * Waits for the output, showing progress.
   * @param stop aborts when a person no longer wants to wait.
   * @throws Error in plain words when the run fails; StoppedWatching when `stop` aborts.
   */
  output(live: Live, stop: AbortSignal): Promise<AgentOutput<unknown>>;
  /** How far it is, as far as it was watched while its output was waited for. */
  progress(): RunProgress;
}

/**
 * Hands a question to an agent, which is asked to tell how it goes.
 * @throws Error in plain words when the ingress refuses it or cannot be reached.
 */
export async function startRun(request: RunRequest): Promise<AcceptedRun> {
  const { agent, conversation, idempotencyKey } = request;
  const input = watched(request.input);
  const askedAt = Date.now();
  const started =
    conversation === undefined
      ? runsOf(request).start(agent, input, { idempotencyKey })
      : openConversation({ ...request, conversation }).send(input);
  const invocationId = await started.catch(async (error) =>
    Promise.reject(await explainFailure(error, request)),
  );
  return joinRun(request, invocationId, askedAt);
}

/** A run that somebody has begun. @param askedAt when, as far as it is known, in ms since the epoch. */
export function joinRun(request: RunRequest, invocationId: string, askedAt = Date.now()): AcceptedRun {
  const runs = runsOf(request);
  const seen: RunEvent[] = [];
  const progress = () => toldProgress(seen, askedAt);
  return {
    invocationId,
    progress,
    async output(live, stop) {
      const over = new AbortController();
      const signal = AbortSignal.any([stop, over.signal]);
      const watching = watch(runs, invocationId, seen, signal);
      const drawing = setInterval(() => live.show(progress()), DRAW_MS);
      try {
        return (await runs.result(invocationId, stop)) as AgentOutput<unknown>;
      } catch (error) {
        throw stop.aborted ? new StoppedWatching(invocationId) : await explainFailure(error, request);
      } finally {
        if (!stop.aborted) await Promise.race([watching, sleep(LAST_WORDS_MS)]);
        over.abort();
        clearInterval(drawing);
        live.show(progress());
        live.end();
      }
    },
  };
}

const runsOf = ({ ingressUrl: url, token, fetch }: RunRequest): Runs => ingressRuns({ url, token, fetch });

/** What an agent is given who takes a message; others may not know what `events` are. */
function watched(input: unknown): object {
  const given = input as Record<string, unknown>;
  return typeof given.message === "string" ? { ...given, events: given.events ?? "calls" } : given;
}

/** Notes what the run tells. If nobody answers, only the view suffers. */
async function watch(runs: Runs, run: string, seen: RunEvent[], signal: AbortSignal): Promise<void> {
  try {
    for await (const { event } of runs.events(run, { signal })) seen.push(event);
  } catch {}
}
