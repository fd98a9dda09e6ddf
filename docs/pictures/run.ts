import type { Cast } from "./cast.ts";
import { type Frame, framesOf, type Piece } from "./screen.ts";
import { box, escapeXml, round, svg, WIDTH } from "./svg.ts";

/** A wait in which nothing new is shown is no longer than this, in ms. */
const LONGEST_WAIT_MS = 500;
/** How long the last frame stays, in ms. */
const END_MS = 5_000;
const CELL_HEIGHT = 17;
const MARGIN = 16;
const FONT_SIZE = 12;

const STYLE = [
  `.t text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:${FONT_SIZE}px;white-space:pre}`,
  ".h{visibility:hidden}",
].join("\n");

/** ANSI's names for the colours that the command line uses. */
const COLORS: Readonly<Record<number, string>> = { 1: "red", 2: "green", 3: "amber", 6: "blue" };

/** A line that stands in a row for a while. */
interface Shown {
  row: number;
  pieces: Piece[];
  fromMs: number;
  /** Undefined for what is there at the end. */
  toMs: number | undefined;
}

/** A run at a terminal, again and again. */
export async function drawRun(cast: Cast): Promise<string> {
  const frames = shorten(await framesOf(cast));
  const totalMs = (frames.at(-1)?.atMs ?? 0) + END_MS;
  const cellWidth = (WIDTH - 2 * MARGIN) / cast.columns;
  const shown = shownLines(frames);
  const spans = [...new Set(shown.map(spanName))];
  return svg({
    height: cast.rows * CELL_HEIGHT + 2 * MARGIN,
    title: `A terminal in which ${cast.command} was typed`,
    description: `${textOf(frames.at(-1))}`,
    style: [STYLE, animations(shown, spans, totalMs)].join("\n"),
    body: [
      `<g class="t">`,
      ...shown.map((line) => drawLine(line, cellWidth, spans.indexOf(spanName(line)))),
      "</g>",
    ],
  });
}

/** Waits are shortened; the order, and what is shown, stay. */
function shorten(frames: readonly Frame[]): Frame[] {
  let now = 0;
  return frames.map((frame, index) => {
    now += Math.min(LONGEST_WAIT_MS, frame.atMs - (frames[index - 1]?.atMs ?? 0));
    return { ...frame, atMs: now };
  });
}

function shownLines(frames: readonly Frame[]): Shown[] {
  const all: Shown[] = [];
  const current = new Map<number, Shown>();
  for (const { atMs, lines } of frames) {
    for (const [row, pieces] of lines.entries()) {
      const before = current.get(row);
      if (JSON.stringify(before?.pieces ?? []) === JSON.stringify(pieces)) continue;
      if (before) before.toMs = atMs;
      const line = { row, pieces, fromMs: atMs, toMs: undefined };
      current.set(row, line);
      if (pieces.length > 0) all.push(line);
    }
  }
  return all;
}

const spanName = ({ fromMs, toMs }: Shown): string => `${fromMs}-${toMs ?? ""}`;

/** Lines that come and go together share an animation. Whoever wants no motion sees the end. */
function animations(shown: readonly Shown[], spans: readonly string[], totalMs: number): string {
  const percent = (ms: number) => `${round((ms / totalMs) * 1000) / 10}%`;
  const keyframes = spans.map((span, index) => {
    const line = shown.find((one) => spanName(one) === span);
    const end = line?.toMs === undefined ? "" : `${percent(line.toMs)}{visibility:hidden}`;
    const begin = line?.fromMs ? "0%{visibility:hidden}" : "";
    return `@keyframes k${index}{${begin}${percent(line?.fromMs ?? 0)}{visibility:visible}${end}}.t .k${index}{animation-name:k${index}}`;
  });
  const rule = `.t g{animation:${totalMs}ms step-end infinite}`;
  return `@media(prefers-reduced-motion:no-preference){${rule}${keyframes.join("")}}`;
}

function drawLine({ row, pieces, toMs }: Shown, cellWidth: number, span: number): string {
  const y = MARGIN + row * CELL_HEIGHT;
  const drawn = pieces.flatMap((piece) => partsOf(piece).map((part) => drawPart(part, y, cellWidth)));
  return `<g class="k${span}${toMs === undefined ? "" : " h"}">${drawn.join("")}</g>`;
}

/** A piece, as runs of bars and of other text: fonts do not agree on how bars look. */
function partsOf(piece: Piece): Piece[] {
  return [...piece.text.matchAll(/█+|░+|·+|[^█░·]+/g)].map(({ 0: text, index }) => ({
    ...piece,
    text,
    column: piece.column + index,
  }));
}

function drawPart({ column, text, color, bold, dim }: Piece, y: number, cellWidth: number): string {
  const x = MARGIN + column * cellWidth;
  const width = text.length * cellWidth;
  const role = dim ? "dim" : (COLORS[color ?? -1] ?? "ink");
  if (text.startsWith("█")) return box({ x, y: y + 3, width, height: CELL_HEIGHT - 6 }, role, 2);
  if (text.startsWith("░"))
    return `<rect class="${role}" x="${round(x)}" y="${y + 3}" width="${round(width)}" height="${CELL_HEIGHT - 6}" rx="2" opacity="0.3"/>`;
  if (text.startsWith("·"))
    return `<rect class="line" x="${round(x)}" y="${y + CELL_HEIGHT / 2 - 0.5}" width="${round(width)}" height="1"/>`;
  const start = text.length - text.trimStart().length;
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return `<text class="${role}${bold ? " bold" : ""}" x="${round(x + start * cellWidth)}" y="${y + 12.5}" textLength="${round(trimmed.length * cellWidth)}" lengthAdjust="spacingAndGlyphs">${escapeXml(trimmed)}</text>`;
}

const textOf = (frame: Frame | undefined): string =>
  (frame?.lines ?? [])
    .map((line) => line.map(({ text }) => text.replace(/[█░·]{2,}/g, " ").trim()).join(" "))
    .filter((line) => line !== "")
    .join("\n");
