import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { AgentOutput } from "../../agent/index.ts";
import agent from "../demo/functions/agent/agent.ts";
import { type Kill, killer } from "../demo/kills.ts";
import { describeKill, judge } from "../demo/report.ts";
import { HELD_BACK, scriptedModel } from "../demo/script.ts";
import { buildStage, type Stage } from "../demo/stage.ts";
import { liveView } from "../drawing/live.ts";
import { type Screen, screenOf } from "../drawing/screen.ts";
import { drawTimeline } from "../drawing/timeline.ts";
import { printDrawing, say } from "../output.ts";
import type { Project } from "../project.ts";
import { type RunProgress, readProgress } from "../run/progress.ts";

/** How often the run's progress is read, in ms. */
const POLL_MS = 100;
/** It usually takes some 15 s, and longer on a busy machine. */
const END_WITHIN_MS = 120_000;

export default function demoCrash(command: Command, { root }: Project): void {
  command.action(() => crash(root));
}

/**
 * Kills a tool's environment, the agent's and restate-server during a run, and shows what happened.
 * @throws Error when a finished call ran again, the write did not arrive exactly once, or the run did not end.
 */
async function crash(root: string): Promise<void> {
  say("Starting a platform of the demo's own, with an agent and two tools …");
  const agentKilled = Promise.withResolvers<void>();
  const stage = await buildStage(root, scriptedModel(agentKilled.promise), Object.values(HELD_BACK));
  try {
    const id = await begin(stage);
    const { kills, failed, look } = killer(stage, agentKilled.resolve);
    const output = await Promise.race([watched(stage, id, look), failed]);
    const screen = screenOf(process.stdout);
    const { lines, ok } = judge(stage, kills, output, screen);
    printDrawing(["", ...(await drawFinished(stage, id, screen)), "", ...lines]);
    if (!ok) throw new Error("The demo did not go as it should.");
  } finally {
    await stage.stop();
  }
}

async function begin({ server }: Stage): Promise<string> {
  const response = await fetch(`${server.now.ingressUrl}/restate/send/${agent.name}/run`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "When does the ferry leave? Send me a note." }),
  });
  return ((await response.json()) as { invocationId: string }).invocationId;
}

/** Shows the run while it is in progress, and kills what it needs. */
async function watched(stage: Stage, id: string, look: (run: RunProgress) => Kill | undefined) {
  const live = liveView(process.stderr);
  const over = new AbortController();
  const watching = watch(stage, id, over.signal, (run) => {
    live.show(run);
    const kill = look(run);
    if (kill) live.note(describeKill(kill, run.startedAt));
  });
  try {
    return await outcome(stage, id);
  } finally {
    over.abort();
    await watching;
    live.end();
  }
}

/** Shows the run; while the server is down, its last known progress. */
async function watch(
  { server }: Stage,
  id: string,
  over: AbortSignal,
  show: (run: RunProgress) => void,
): Promise<void> {
  let last: RunProgress | undefined;
  while (!over.aborted) {
    last = (await readProgress({ url: server.now.adminUrl }, id).catch(() => undefined)) ?? last;
    if (last) show(last);
    await sleep(POLL_MS, undefined, { signal: over }).catch(() => {});
  }
}

/** Waits for the run, even while the server is down. */
async function outcome({ server }: Stage, id: string): Promise<AgentOutput> {
  const signal = AbortSignal.timeout(END_WITHIN_MS);
  while (!signal.aborted) {
    const response = await fetch(`${server.now.ingressUrl}/restate/attach/${id}`, { signal }).catch(
      () => undefined,
    );
    const text = await response?.text().catch(() => undefined);
    if (text !== undefined && response?.ok) return JSON.parse(text);
    if (text !== undefined && response && response.status < 500) throw new Error(`The run failed: ${text}`);
    await sleep(POLL_MS);
  }
  throw new Error(`The run did not end within ${END_WITHIN_MS / 1000} s.`);
}

async function drawFinished({ server }: Stage, id: string, screen: Screen) {
  const progress = await readProgress({ url: server.now.adminUrl }, id);
  return progress ? drawTimeline(progress, Date.now(), screen) : [];
}
