import type { LogLine } from "../run/log-lines.ts";
import { printableLine } from "./printable.ts";
import type { Screen } from "./screen.ts";
import { describeInput } from "./timeline.ts";

/** What every line of a run's agents and tools has, and a list of one run's lines need not repeat. */
const COMMON = new Set(["event", "run", "service", "invocation"]);

const STYLES: Partial<Record<string, "red" | "yellow" | "dim">> = {
  ERROR: "red",
  FATAL: "red",
  WARN: "yellow",
  DEBUG: "dim",
};

/** Draws log lines, one each: when, who, what, and the other fields. */
export function drawLog(lines: readonly LogLine[], { paint }: Screen): string[] {
  const width = Math.max(...lines.map(({ source }) => source.length));
  return lines.map(({ timestamp, source, level, message }) => {
    const style = STYLES[level];
    const text = printableLine(inWords(message));
    return `${timestamp.slice(11, 23)}  ${source.padEnd(width)}  ${level.padEnd(5)}  ${style ? paint(style, text) : text}`;
  });
}

function inWords(message: unknown): string {
  if (typeof message === "string") return message;
  if (message === null || typeof message !== "object") return JSON.stringify(message);
  const { event } = message as { event?: unknown };
  if (typeof event !== "string") return JSON.stringify(message);
  const fields = Object.entries(message).filter(([name]) => !COMMON.has(name));
  return `${event}  ${describeInput(Object.fromEntries(fields))}`.trimEnd();
}
