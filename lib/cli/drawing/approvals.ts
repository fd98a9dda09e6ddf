import type { WaitingCall } from "../run/approvals.ts";
import { duration } from "./duration.ts";
import { cut, wrap } from "./fit.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";
import { describeInput } from "./timeline.ts";

/** How much of an input is shown, in columns. */
const MAX_INPUT_WIDTH = 96;

/** Draws the calls that wait, each with its run and its input, shortened, below it. @param now ms since the epoch. */
export function drawWaiting(
  waiting: readonly WaitingCall[],
  now: number,
  { columns, paint, textWidth }: Screen,
): string[] {
  const cells = waiting.map(({ approval, tool, askedAt, expiresAt }) => [
    approval,
    tool,
    duration(now - askedAt),
    duration(expiresAt - now),
  ]);
  const [head = "", ...rows] = table([["approval", "tool", "since", "for"], ...cells], textWidth);
  const width = Math.min(columns, MAX_INPUT_WIDTH);
  return [
    paint("bold", head),
    ...waiting.flatMap(({ input, ...whose }, index) => [
      rows[index] ?? "",
      cut(`  ${describeInput(input)}`, width),
      ...wrap(`  ${place(whose)}`, textWidth),
    ]),
  ];
}

function place({ agent, run, call, part }: Omit<WaitingCall, "input">): string {
  const which = call === undefined ? [] : [part ? `part of ${call}` : call, "of"];
  return [...which, ...(agent === undefined ? [] : [agent]), run].join(" ");
}
