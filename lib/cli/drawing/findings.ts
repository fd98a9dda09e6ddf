import type { Finding } from "../../operate/index.ts";
import { pad, wrap } from "./fit.ts";
import { printableLine } from "./printable.ts";
import type { Screen } from "./screen.ts";

const LEVEL_WIDTH = "problem".length + 2;
const COLORS = { ok: "green", warning: "yellow", problem: "red" } as const;
/** In columns: longer lines are hard to read. */
const MAX_WIDTH = 100;
/** If less room is left beside the name of the check, the text goes below it. */
const MIN_TEXT_WIDTH = 40;

/** Draws findings as a list, each with its advice below it. */
export function drawFindings(findings: readonly Finding[], { columns, paint }: Screen): string[] {
  const checks = findings.map(({ check }) => printableLine(check));
  const checkWidth = Math.max(...checks.map((check) => check.length)) + 2;
  const width = Math.min(columns, MAX_WIDTH);
  const isBeside = width - LEVEL_WIDTH - checkWidth >= MIN_TEXT_WIDTH;
  const indent = isBeside ? LEVEL_WIDTH + checkWidth : LEVEL_WIDTH;
  return findings.flatMap(({ level, text, advice }, index) => {
    const lines = [text, ...(advice === undefined ? [] : [advice])].flatMap((part) =>
      wrap(part, width - indent),
    );
    const head = paint(COLORS[level], pad(level, LEVEL_WIDTH)) + pad(checks[index] ?? "", checkWidth);
    const [first, ...more] = isBeside ? lines : [undefined, ...lines];
    return [
      first === undefined ? head.trimEnd() : head + first,
      ...more.map((line) => " ".repeat(indent) + line),
    ];
  });
}
