import type { WaitingCall } from "../run/approvals.ts";
import { duration } from "./duration.ts";
import { cut } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";
import { describeInput } from "./timeline.ts";

/** How much of an input is shown, in columns. */
const MAX_INPUT_WIDTH = 96;

/** Draws the calls that wait, each with its input, shortened, below it. @param now ms since the epoch. */
export function drawWaiting(
  waiting: readonly WaitingCall[],
  now: number,
  { columns, paint, textWidth }: Screen,
): string[] {
  const cells = waiting.map(({ approval, agent = "–", run, tool, call = "–", part, askedAt, expiresAt }) => [
    approval,
    agent,
    run,
    tool,
    part ? `part of ${call}` : call,
    duration(now - askedAt),
    duration(expiresAt - now),
  ]);
  const [head = "", ...rows] = table(
    [["approval", "agent", "run", "tool", "call", "since", "for"], ...cells],
    textWidth,
  );
  const width = Math.min(columns, MAX_INPUT_WIDTH);
  const inputs = waiting.map(({ input }) => cut(`  ${describeInput(input)}`, width));
  return [paint("bold", head), ...rows.flatMap((row, index) => [row, inputs[index] ?? ""])];
}
