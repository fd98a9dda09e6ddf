import type { AgentOutput } from "../../agent/index.ts";
import type { Screen } from "../drawing/screen.ts";
import { seconds } from "../drawing/timeline.ts";
import type { Kill } from "./kills.ts";
import { HELD_BACK, TURNS } from "./script.ts";
import type { Stage } from "./stage.ts";

/** One kill on one line. @param startedAt when the run began, ms since the epoch. */
export function describeKill({ what, pid, doing, at }: Kill, startedAt: number): string {
  return `+${seconds(at - startedAt)}  SIGKILL: ${what} (process ${pid}), ${doing}`;
}

/** Something that the demo promises, and whether it was kept. */
interface Finding {
  ok: boolean;
  text: string;
}

/** Says what happened in a run, and whether that is what was promised. */
export function judge(
  stage: Stage,
  kills: readonly Kill[],
  output: AgentOutput,
  { paint }: Screen,
): { lines: string[]; ok: boolean } {
  const findings = [wereKilled(kills), hasEnded(output), ranOnce(stage, kills), arrivedOnce(stage)];
  const lines = findings.map(({ ok, text }) =>
    ok ? paint("green", `  ✓ ${text}`) : paint("red", `  ✗ ${text}`),
  );
  return {
    lines: [paint("bold", "What came of it"), ...lines, counts(stage)],
    ok: findings.every(({ ok }) => ok),
  };
}

function wereKilled(kills: readonly Kill[]): Finding {
  const list = kills.map(({ what, pid }) => `${what} (${pid})`).join(", ");
  return { ok: kills.length === 3, text: `${kills.length} processes were killed at work: ${list}` };
}

function hasEnded({ answer, toolCalls }: AgentOutput): Finding {
  const good = toolCalls.filter(({ status }) => status === "ok").length;
  const asked = TURNS.flat().length;
  return {
    ok: good === asked && toolCalls.length === asked,
    text: `the run ended: ${good} of ${asked} calls ok, "${answer}"`,
  };
}

function ranOnce({ archive }: Stage, kills: readonly Kill[]): Finding {
  const finished = new Map(kills.flatMap((kill) => [...kill.finished]));
  const again = [...finished]
    .filter(([topic, asked]) => archive.asked(topic) > asked)
    .map(([topic]) => topic);
  if (again.length > 0) return { ok: false, text: `finished calls ran again: ${again.join(", ")}` };
  const hit = Object.values(HELD_BACK).map((topic) => `${topic} ${archive.asked(topic)} times`);
  return {
    ok: finished.size > 0,
    text: `no call ran again that had finished before a kill: ${[...finished.keys()].join(", ")} (what was hit at work began again: ${hit.join(", ")})`,
  };
}

function arrivedOnce({ mailbox }: Stage): Finding {
  const notes = mailbox.deliveries();
  const delivered = notes.reduce((sum, deliveries) => sum + deliveries, 0);
  return {
    ok: notes.length === 1 && delivered === 1,
    text: `the write arrived once: ${plural(notes.length, "note")} in the mailbox, delivered ${plural(delivered, "time")}`,
  };
}

function counts({ lambda }: Stage): string {
  const { functions } = lambda.stats();
  const each = Object.entries(functions).map(([name, { invocations }]) => `${name} ${invocations}`);
  return `    Lambda invocations, those that were hit included: ${each.join(", ")}`;
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
