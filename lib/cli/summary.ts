import colors from "picocolors";
import type { AgentOutput } from "../agent/index.ts";
import { seconds } from "./timeline.ts";

/** What a person gets to see of a finished run: the answer, what it took, and what it cost. */
export function summarise(
  output: AgentOutput,
  facts: { wallMs: number; invocations: Record<string, number> | undefined },
): string {
  const { toolCalls, usage } = output;
  const callsMs = toolCalls.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const heading = (text: string) => colors.bold(text);
  const facetLines = [
    `finish: ${output.finishReason} after ${count(output.turns, "model turn")}`,
    callsLine(output),
    `time: ${seconds(facts.wallMs)} in all; the calls took ${seconds(callsMs)} if put one after another`,
    ...(facts.invocations ? [`Lambda invocations: ${list(facts.invocations)}`] : []),
    `tokens: ${usage.inputTokens} in, ${usage.outputTokens} out`,
  ];
  return [
    heading("Answer"),
    output.answer,
    "",
    heading("Summary"),
    ...facetLines.map((line) => `  ${line}`),
  ].join("\n");
}

function callsLine({ toolCalls }: AgentOutput): string {
  const failed = toolCalls.filter(({ status }) => status !== "ok");
  const failures = failed.map(({ tool, error, status }) => `${tool}: ${error ?? status}`).join("; ");
  return `calls: ${toolCalls.length}${failed.length === 0 ? ", all ok" : `, ${failed.length} not ok (${failures})`}`;
}

function list(invocations: Record<string, number>): string {
  const used = Object.entries(invocations).filter(([, times]) => times > 0);
  const total = used.reduce((sum, [, times]) => sum + times, 0);
  return `${total} (${used.map(([name, times]) => `${name} ${times}`).join(", ")})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
