import { type CallProgress, openAsks } from "../run/call-progress.ts";
import type { RunProgress, TurnProgress } from "../run/progress.ts";
import { cut, pad } from "./fit.ts";
import type { Screen } from "./screen.ts";

const NAME_WIDTH = 20;
const TIME_WIDTH = 8;
const MIN_BAR_WIDTH = 10;
const MAX_BAR_WIDTH = 60;

const COLORS = {
  ok: "green",
  failed: "red",
  retrying: "yellow",
  running: "cyan",
  waiting: "dim",
} as const;

/** A step of a run: where its bar begins and ends, and its note. */
interface Row {
  label: string;
  /** Where in the run work began and ended, ms since the epoch. */
  from: number;
  to: number;
  /** When it began to wait, if it did. */
  waitedSince?: number;
  state: CallProgress["state"];
  note: string;
}

/**
 * Draws a run as one line per model turn and call, each with a bar from its start to its end on the run's time axis,
 * so that what ran at the same time is lined up.
 * @param now the end of the axis while the run is in progress, ms since the epoch.
 */
export function drawTimeline(run: RunProgress, now: number, { columns, paint }: Screen): string[] {
  const end = run.endedAt ?? now;
  const barWidth = Math.min(MAX_BAR_WIDTH, Math.max(MIN_BAR_WIDTH, Math.floor(columns / 3)));
  const noteWidth = Math.max(10, columns - NAME_WIDTH - barWidth - TIME_WIDTH - 4);
  return rows(run, end).map((row) => {
    const bar = drawBar(row, run.startedAt, end, barWidth);
    const time = seconds(row.to - row.from).padStart(TIME_WIDTH);
    const note = cut(row.note, noteWidth);
    const label = pad(cut(row.label, NAME_WIDTH), NAME_WIDTH);
    const noteStyle = row.state === "failed" ? "red" : "dim";
    return `${label} ${paint(COLORS[row.state], bar)} ${time}  ${paint(noteStyle, note)}`;
  });
}

function rows(run: RunProgress, end: number): Row[] {
  return run.turns.flatMap((turn, index): Row[] => [
    {
      label: `turn ${index + 1}: model`,
      from: turn.startedAt,
      to: turn.repliedAt ?? end,
      ...modelState(turn),
    },
    ...turn.calls.map((call) => ({
      label: `  ${call.tool}`,
      from: call.startedAt ?? end,
      to: call.endedAt ?? end,
      waitedSince: call.issuedAt,
      state: call.state,
      note: [
        call.state,
        openAsks(call).length > 0 && "for an approval",
        describeInput(call.input),
        call.failure,
      ]
        .filter(Boolean)
        .join("  "),
    })),
  ]);
}

function modelState({ repliedAt, failure, asked }: TurnProgress): Pick<Row, "state" | "note"> {
  if (repliedAt === undefined)
    return failure ? { state: "retrying", note: failure } : { state: "running", note: "thinking" };
  return failure ? { state: "failed", note: failure } : { state: "ok", note: replied(asked) };
}

/** How many calls a model turn asked for, in words. */
export function replied(calls: number): string {
  if (calls === 0) return "answered";
  return calls === 1 ? "asked for 1 call" : `asked for ${calls} calls at once`;
}

/** A call's input on one line, without the outer braces. */
export function describeInput(input: unknown): string {
  if (input === null || typeof input !== "object") return JSON.stringify(input) ?? "";
  return Object.entries(input)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(" ");
}

/** Milliseconds as seconds, such as `0.42 s`. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(2)} s`;
}

function drawBar({ from, to, waitedSince = from }: Row, start: number, end: number, width: number): string {
  const column = (time: number) => Math.round(((time - start) / Math.max(1, end - start)) * width);
  const [waited, begun, ended] = [column(waitedSince), column(from), Math.max(column(to), column(from) + 1)];
  return Array.from({ length: width }, (_, at) => {
    if (at >= begun && at < ended) return "█";
    return at >= waited && at < begun ? "░" : "·";
  }).join("");
}
