import xterm from "@xterm/headless";
import type { Cast } from "./cast.ts";

/** How a piece of text looks: the number of an ANSI colour, and whether it is bold or dim. */
interface Look {
  color: number | undefined;
  bold: boolean;
  dim: boolean;
}

/** A piece of a line, from a column on. */
export interface Piece extends Look {
  column: number;
  text: string;
}

/** What a terminal showed from a moment on: its lines, from the top. */
export interface Frame {
  atMs: number;
  lines: Piece[][];
}

/** Output that comes closer together than this is one frame, in ms. */
const FRAME_MS = 40;

/** What a terminal showed, frame by frame. */
export async function framesOf({ columns, rows, command, output }: Cast): Promise<Frame[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const write = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve));
  const frames: Frame[] = [];
  await write(`\u001b[2m$\u001b[22m ${command}\r\n`);
  frames.push({ atMs: 0, lines: linesOf(terminal) });
  for (const [index, { atMs, text }] of output.entries()) {
    await write(text);
    const next = output[index + 1];
    if (next === undefined || next.atMs - atMs > FRAME_MS) frames.push({ atMs, lines: linesOf(terminal) });
  }
  terminal.dispose();
  return frames;
}

function linesOf({ rows, buffer }: xterm.Terminal): Piece[][] {
  return Array.from({ length: rows }, (_, row) =>
    piecesOf(buffer.active.getLine(buffer.active.viewportY + row)),
  );
}

function piecesOf(line: xterm.IBufferLine | undefined): Piece[] {
  const pieces: Piece[] = [];
  for (let column = 0; column < (line?.length ?? 0); column++) {
    const cell = line?.getCell(column);
    if (!cell) continue;
    const look = {
      color: cell.isFgPalette() ? cell.getFgColor() : undefined,
      bold: cell.isBold() > 0,
      dim: cell.isDim() > 0,
    };
    const last = pieces.at(-1);
    if (last && last.color === look.color && last.bold === look.bold && last.dim === look.dim)
      last.text += cell.getChars() || " ";
    else pieces.push({ column, text: cell.getChars() || " ", ...look });
  }
  return pieces.filter(({ text }) => text.trim() !== "");
}
