import type { AgentOutput } from "../../agent/index.ts";
import { TOPIC } from "../../events/index.ts";
import { cut, wrap } from "./fit.ts";
import { printableLine } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { seconds } from "./timeline.ts";

/** What is known of a finished run besides its output. */
export interface RunFacts {
  /** From asking to the answer. */
  wallMs: number;
  /** Lambda invocations by function name; undefined if nobody counts them. */
  invocations: Record<string, number> | undefined;
}

/** A finished run as a person sees it: the answer, as JSON if it is not text, how long it took, and what it cost. */
export function summarise(
  output: AgentOutput<unknown>,
  facts: RunFacts,
  { paint, textWidth }: Screen,
): string {
  const { toolCalls, usage } = output;
  const facetLines = [
    `finish: ${output.finishReason} after ${count(output.turns, "model turn")}`,
    callsLine(output),
    `time: ${seconds(facts.wallMs)} in all${callTimes(toolCalls)}`,
    ...(facts.invocations ? [`Lambda invocations: ${list(facts.invocations)}`] : []),
    `tokens: ${usage.inputTokens} in, ${usage.outputTokens} out`,
  ];
  return [
    paint("bold", "Answer"),
    ...wrap(inText(output.answer), textWidth),
    "",
    paint("bold", "Summary"),
    ...facetLines.flatMap((line) => wrap(`  ${printableLine(line)}`, textWidth)),
  ].join("\n");
}

/** The same in a chat: the answer, and a line with what it took. @param wallMs from the message to the answer. */
export function drawReply(
  { answer, finishReason, turns, toolCalls, usage }: AgentOutput<unknown>,
  wallMs: number,
  { paint, textWidth }: Screen,
): string[] {
  const facts = [
    seconds(wallMs),
    count(turns, "model turn"),
    ...(toolCalls.length === 0 ? [] : [count(toolCalls.length, "call")]),
    `${usage.inputTokens} tokens in, ${usage.outputTokens} out`,
    ...(finishReason === "stop" ? [] : [`finish: ${finishReason}`]),
  ];
  return [...wrap(inText(answer), textWidth), paint("dim", cut(`  ${facts.join(", ")}`, textWidth))];
}

/** An answer that is not text is shown as JSON. */
export function inText(answer: unknown): string {
  return typeof answer === "string" ? answer : (JSON.stringify(answer, null, 2) ?? "");
}

/** How long the calls took, and how long they would have taken one after another. */
function callTimes(toolCalls: AgentOutput["toolCalls"]): string {
  if (toolCalls.length === 0) return "";
  const spans = toolCalls
    .flatMap(({ startedAt, durationMs }) => (startedAt ? [{ from: Date.parse(startedAt), durationMs }] : []))
    .map(({ from, durationMs }) => ({ from, to: from + durationMs }))
    .sort((a, b) => a.from - b.from);
  let sideBySide = 0;
  let covered = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    sideBySide += Math.max(0, to - Math.max(from, covered));
    covered = Math.max(covered, to);
  }
  const oneByOne = toolCalls.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return `; the tools worked ${seconds(sideBySide)}, one after another it would have been ${seconds(oneByOne)}`;
}

function callsLine({ toolCalls }: AgentOutput<unknown>): string {
  const failed = toolCalls.filter(({ status }) => status !== "ok");
  const failures = failed.map(({ tool, error, status }) => `${tool}: ${error ?? status}`).join("; ");
  return `calls: ${toolCalls.length}${failed.length === 0 ? ", all ok" : `, ${failed.length} not ok (${failures})`}`;
}

/** What the run cost, and apart from it what it cost to watch it. */
function list(invocations: Record<string, number>): string {
  const used = Object.entries(invocations).filter(([, times]) => times > 0);
  const isTopic = ([name]: [string, number]) => name.endsWith(TOPIC);
  const own = used.filter((entry) => !isTopic(entry));
  const watching = total(used.filter(isTopic));
  const names = own.map(([name, times]) => `${name} ${times}`).join(", ");
  return `${total(own)} (${names})${watching === 0 ? "" : `, and ${watching} to watch it`}`;
}

const total = (entries: readonly [string, number][]) => entries.reduce((sum, [, times]) => sum + times, 0);

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
