import type { AgentOutput } from "../agent/index.ts";
import type { Stats } from "../local/lambda/stats.ts";
import { DEFAULT_COLUMNS, liveView } from "./live.ts";
import { readProgress } from "./progress.ts";
import { type RunRequest, startRun } from "./run.ts";
import { summarise } from "./summary.ts";
import { drawTimeline } from "./timeline.ts";

export interface AskOptions extends RunRequest {
  /** Where Lambda invocations are counted; without it they are not shown. */
  lambdaUrl?: string | undefined;
  /** Print only the run's output, as JSON, on stdout. */
  json: boolean;
}

/**
 * Asks an agent: progress on stderr while the run is going; the answer, the timeline and a summary on stdout at its end.
 * @returns the run's id.
 * @throws Error in a person's words when the run fails.
 */
export async function ask(options: AskOptions): Promise<string> {
  const { adminUrl, lambdaUrl } = options;
  const before = await countInvocations(lambdaUrl);
  const begun = performance.now();
  const run = await startRun(options);
  const output = await run.output(liveView(process.stderr));
  const wallMs = performance.now() - begun;
  const invocations = difference(before, await countInvocations(lambdaUrl));
  const timeline = await drawFinished(adminUrl, run.invocationId);
  process.stdout.write(
    options.json ? `${JSON.stringify(output)}\n` : report(output, timeline, { wallMs, invocations }),
  );
  return run.invocationId;
}

function report(output: AgentOutput, timeline: string[], facts: Parameters<typeof summarise>[1]): string {
  return `\n${[...timeline, "", summarise(output, facts)].join("\n").trimStart()}\n`;
}

async function drawFinished(adminUrl: string | undefined, invocationId: string): Promise<string[]> {
  const progress = adminUrl ? await readProgress(adminUrl, invocationId).catch(() => undefined) : undefined;
  return progress ? drawTimeline(progress, Date.now(), process.stdout.columns ?? DEFAULT_COLUMNS) : [];
}

async function countInvocations(lambdaUrl: string | undefined): Promise<Record<string, number> | undefined> {
  if (!lambdaUrl) return undefined;
  const response = await fetch(`${lambdaUrl}/_stats`);
  const { functions } = (await response.json()) as Stats;
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
