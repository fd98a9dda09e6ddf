import type { AgentOutput } from "../../agent/index.ts";
import type { Screen } from "../screen.ts";
import { seconds } from "../timeline.ts";
import agent from "./functions/agent/agent.ts";
import type { Kill } from "./kills.ts";
import { HELD_BACK, TURNS } from "./script.ts";
import type { Stage } from "./stage.ts";

/** One kill on one line. @param startedAt when the run began, ms since the epoch. */
export function describeKill({ what, pid, doing, at }: Kill, startedAt: number): string {
  return `+${seconds(at - startedAt)}  SIGKILL: ${what} (process ${pid}), ${doing}`;
}

/** What the demo shows, and whether it is so. */
interface Finding {
  ok: boolean;
  text: string;
}

/** Says what came of a run, and whether that is what was promised. */
export function judge(
  stage: Stage,
  kills: readonly Kill[],
  output: AgentOutput,
  { colors }: Screen,
): { lines: string[]; ok: boolean } {
  const findings = [wereKilled(kills), hasEnded(output), ranOnce(stage, kills), arrivedOnce(stage)];
  const lines = findings.map(({ ok, text }) =>
    ok ? colors.green(`  ✓ ${text}`) : colors.red(`  ✗ ${text}`),
  );
  return {
    lines: [colors.bold("What came of it"), ...lines, ...counts(stage).map((line) => `    ${line}`)],
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
    .filter(([topic, asked]) => archive.asked(topic) !== asked)
    .map(([topic]) => topic);
  const killed = Object.values(HELD_BACK)
    .map((topic) => `${topic} ${archive.asked(topic)} times`)
    .join(", ");
  return {
    ok: again.length === 0 && finished.size > 0,
    text:
      again.length === 0
        ? `no finished call ran again (${[...finished.keys()].join(", ")}); those at work when they were hit were asked again: ${killed}`
        : `finished calls ran again: ${again.join(", ")}`,
  };
}

function arrivedOnce({ sandbox }: Stage): Finding {
  const deliveries = sandbox.mail().map((mail) => mail.deliveries);
  return {
    ok: deliveries.length === 1 && deliveries[0] === 1,
    text: `the write arrived once: ${deliveries.length} note in the mailbox, delivered ${deliveries.join(", ") || 0} time`,
  };
}

function counts({ lambda }: Stage): string[] {
  const { functions } = lambda.stats();
  const each = Object.entries(functions).map(([name, { invocations }]) => `${name} ${invocations}`);
  return [`Lambda invocations, killed ones included: ${each.join(", ")} (undisturbed: ${UNDISTURBED})`];
}

/** A read is one invocation, a write two; the agent: the start, and one for each fan-out and each model turn after it. */
const UNDISTURBED = `look_up 4, send_note 2, ${agent.name} 7`;
