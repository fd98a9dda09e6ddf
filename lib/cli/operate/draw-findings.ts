import type { Finding } from "../../operate/index.ts";
import type { Screen } from "../screen.ts";
import { wrap } from "../table.ts";

const LEVEL_WIDTH = "problem".length + 2;
const COLORS = { ok: "green", warning: "yellow", problem: "red" } as const;
/** A screen that is narrower than this breaks the lines itself. */
const MIN_TEXT_WIDTH = 40;

/** Draws findings as a list, with what to do below each. */
export function drawFindings(findings: readonly Finding[], { columns, colors }: Screen): string[] {
  const checkWidth = Math.max(...findings.map(({ check }) => check.length)) + 2;
  const indent = LEVEL_WIDTH + checkWidth;
  const width = Math.max(MIN_TEXT_WIDTH, Math.min(columns, 100) - indent);
  return findings.flatMap(({ check, level, text, advice }) => {
    const [first = "", ...more] = [
      ...wrap(text, width),
      ...(advice === undefined ? [] : wrap(advice, width)),
    ];
    const head = colors[COLORS[level]](level.padEnd(LEVEL_WIDTH)) + check.padEnd(checkWidth);
    return [head + first, ...more.map((line) => " ".repeat(indent) + line)];
  });
}
