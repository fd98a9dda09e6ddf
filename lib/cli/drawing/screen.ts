import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { environment } from "../environment.ts";

/** The width of a drawing if the terminal's is unknown, in characters. */
const DEFAULT_COLUMNS = 110;

/** Where output goes: a terminal, a file or a pipe. */
export type Output = NodeJS.WritableStream & Partial<WriteStream>;

/** A colour or another style of text. */
type Style = "bold" | "cyan" | "dim" | "green" | "red" | "yellow";

/** What can be shown on an output. */
export interface Screen {
  columns: number;
  /** The width at which text is broken: the terminal's. In a file or a pipe it is not broken at all. */
  textWidth: number;
  /** Leaves text as it is if colours are not wanted. */
  paint(style: Style, text: string): string;
}

/** Colours on a terminal only, and not if `NO_COLOR` is set. @see https://no-color.org */
export function screenOf(output: Pick<Output, "isTTY" | "columns">, variables = environment): Screen {
  const colorful = isTerminal(output, variables) && !variables.NO_COLOR;
  const columns = output.columns || DEFAULT_COLUMNS;
  return {
    columns,
    textWidth: output.isTTY ? columns : Number.POSITIVE_INFINITY,
    paint: (style, text) => (colorful ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Whether an output's lines can be overwritten. */
export function isTerminal(output: Pick<Output, "isTTY">, variables = environment): boolean {
  return output.isTTY === true && variables.TERM !== "dumb";
}
