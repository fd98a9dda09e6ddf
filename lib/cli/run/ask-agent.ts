import type { AgentOutput } from "../../agent/index.ts";
import type { Stats } from "../../lambda-host/index.ts";
import { type Screen, screenOf } from "../drawing/screen.ts";
import { type RunFacts, summarise } from "../drawing/summary.ts";
import { drawTimeline } from "../drawing/timeline.ts";
import { printDrawing, printJson } from "../output.ts";
import type { RunRequest } from "./request.ts";
import { runView } from "./run-view.ts";
import { startRun } from "./start-run.ts";

export interface AskOptions extends RunRequest {
  /** Where Lambda invocations are counted. Default: they are not shown. */
  lambdaUrl?: string | undefined;
  /** Print only the run's output, as JSON, on stdout. */
  json: boolean;
  /** Aborts when a person no longer wants to wait. Default: never. */
  signal?: AbortSignal;
}

/**
 * Asks an agent: progress on stderr during the run; the answer, the timeline and a summary on stdout at its end.
 * @returns the run's id.
 * @throws Error in plain words when the run fails; StoppedWatching when `signal` aborts.
 */
export async function askAgent(options: AskOptions): Promise<string> {
  const { lambdaUrl } = options;
  const before = await countInvocations(lambdaUrl);
  const begun = performance.now();
  const run = await startRun(options);
  const output = await run.output(
    runView(options, run.invocationId),
    options.signal ?? new AbortController().signal,
  );
  const wallMs = performance.now() - begun;
  const invocations = difference(before, await countInvocations(lambdaUrl));
  const screen = screenOf(process.stdout);
  // An agent with a loop of its own returns what it likes.
  if (options.json || !isOurs(output)) printJson(output, options.json ? undefined : 2);
  else {
    const progress = run.progress();
    // Where not all of it was told, there is nothing whole to draw.
    const timeline = progress.endedAt === undefined ? [] : drawTimeline(progress, Date.now(), screen);
    printDrawing(report(output, { wallMs, invocations }, timeline, screen));
  }
  return run.invocationId;
}

const isOurs = (output: object): boolean => "answer" in output && "usage" in output;

function report(output: AgentOutput<unknown>, facts: RunFacts, timeline: string[], screen: Screen): string[] {
  const drawn = timeline.length === 0 ? [] : [...timeline, ""];
  return ["", ...drawn, summarise(output, facts, screen)];
}

/** A missing count is no reason to lose the answer. */
async function countInvocations(lambdaUrl: string | undefined): Promise<Record<string, number> | undefined> {
  if (!lambdaUrl) return undefined;
  const stats = await fetch(`${lambdaUrl}/_stats`)
    .then((response) => response.json() as Promise<Stats>)
    .catch(() => undefined);
  return stats && countsOf(stats);
}

function countsOf({ functions }: Stats): Record<string, number> {
  return Object.fromEntries(Object.entries(functions).map(([name, { invocations }]) => [name, invocations]));
}

function difference(
  before: Record<string, number> | undefined,
  after: Record<string, number> | undefined,
): Record<string, number> | undefined {
  if (!before || !after) return undefined;
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
