import type { RunApproval } from "../run/approvals.ts";
import type { CallProgress } from "../run/call-progress.ts";
import type { RunRecord } from "../run/record.ts";
import { moment } from "./duration.ts";
import { cut, wrap } from "./fit.ts";
import { printableLine } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { inText } from "./summary.ts";
import { drawTimeline, seconds } from "./timeline.ts";

/** How much of an input or a result is shown, in characters. */
const MAX_JSON_LENGTH = 300;

/** Draws a run after the fact: what it was asked, its timeline, each call with its input and its result, and what came of it. */
export function drawRecord(run: RunRecord, now: number, screen: Screen): string[] {
  const { paint, textWidth } = screen;
  const { id, agent, state, startedAt, endedAt, input, output, failure, approvals = [] } = run;
  const began = new Date(startedAt).toISOString().slice(0, 19).replace("T", " ");
  const took = `${endedAt === undefined ? "for" : "took"} ${seconds((endedAt ?? now) - startedAt)}`;
  const calls = run.turns.flatMap(({ calls }, index) => calls.flatMap((call) => drawCall(call, index + 1)));
  const titled = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ["", paint("bold", title), ...lines];
  return [
    paint("bold", `${agent} ${id}`),
    `${state}; began ${began} UTC, ${took}`,
    ...titled("Input", wrap(inText(input), textWidth)),
    ...titled("Timeline", drawTimeline(run, now, screen)),
    ...titled("Calls", calls),
    ...titled("Approvals", approvals.map(drawApproval)),
    ...(output === undefined ? [] : titled("Answer", wrap(inText(answerIn(output)), textWidth))),
    ...(failure ? titled("Failure", wrap(failure, textWidth)) : []),
  ];
}

function drawCall(
  { id, tool, input, state, attempts, output, failure }: CallProgress,
  turn: number,
): string[] {
  const tries = attempts !== undefined && attempts > 1 ? `, ${attempts} tries` : "";
  return [
    printableLine(`turn ${turn}  ${tool}  ${id}  ${state}${tries}`),
    `  input   ${json(input)}`,
    ...(output === undefined ? [] : [`  result  ${json(output)}`]),
    ...(failure ? [`  error   ${cut(failure, MAX_JSON_LENGTH)}`] : []),
  ];
}

/** Who has decided, or what it waits for. */
function drawApproval({ approval, call, part, tool, state, answer, expiresAt }: RunApproval): string {
  const whose = [tool, ...(call === undefined ? [] : [part ? `part of ${call}` : call]), approval].join("  ");
  if (state === "waiting")
    return `${printableLine(whose)}  waits until ${moment(expiresAt)}, answer with: npx fanout approvals approve ${approval}`;
  if (answer === undefined) return printableLine(`${whose}  nobody has answered, and nobody waits any more`);
  const { by, at, reason, input } = answer;
  const who = `${state}${by === undefined ? "" : ` by ${by}`} at ${moment(Date.parse(at))}`;
  const changed = input === undefined ? "" : `, with ${json(input)}`;
  return printableLine(`${whose}  ${who}${changed}${reason === undefined ? "" : `: ${reason}`}`);
}

const json = (value: unknown) => cut(JSON.stringify(value) ?? "", MAX_JSON_LENGTH);

/** The answer of a run of ours; what an agent with a loop of its own returned, whole. */
function answerIn(output: unknown): unknown {
  return output !== null && typeof output === "object" && "answer" in output ? output.answer : output;
}
