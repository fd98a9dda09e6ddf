import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { environment } from "../environment.ts";

/** The width of a drawing where nobody knows the terminal's, in characters. */
const DEFAULT_COLUMNS = 110;

/** Where something is printed: a terminal, a file or a pipe. */
export type Output = NodeJS.WritableStream & Partial<WriteStream>;

/** A colour, or another way to show text. */
type Style = "bold" | "cyan" | "dim" | "green" | "red" | "yellow";

/** What can be shown on an output. */
export interface Screen {
  columns: number;
  /** Where text is broken: the terminal's width. In a file or a pipe it is not broken at all. */
  textWidth: number;
  /** Leaves text as it is where colours are not wanted. */
  paint(style: Style, text: string): string;
}

/** Colours on a terminal only, and not where `NO_COLOR` is set. @see https://no-color.org */
export function screenOf(output: Pick<Output, "isTTY" | "columns">, variables = environment): Screen {
  const colorful = isTerminal(output, variables) && !variables.NO_COLOR;
  const columns = output.columns || DEFAULT_COLUMNS;
  return {
    columns,
    textWidth: output.isTTY ? columns : Number.POSITIVE_INFINITY,
    paint: (style, text) => (colorful ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Whether an output's lines can be drawn over. */
export function isTerminal(output: Pick<Output, "isTTY">, variables = environment): boolean {
  return output.isTTY === true && variables.TERM !== "dumb";
}
