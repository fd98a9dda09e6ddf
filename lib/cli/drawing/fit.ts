import sliceAnsi from "slice-ansi";
import stringWidth from "string-width";
import { printable, printableLine } from "./printable.ts";

/** What comes before a line's text: spaces, and the mark of a list item. */
const INDENT = /^\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?/;

/** Cuts a text to one line of at most `width` columns, ending in `…` if something is missing. */
export function cut(text: string, width: number): string {
  const line = printableLine(text);
  return stringWidth(line) <= width ? line : `${sliceAnsi(line, 0, width - 1)}…`;
}

/** Pads a text with spaces to a width in columns. */
export function pad(text: string, width: number, side: "left" | "right" = "right"): string {
  const blanks = " ".repeat(Math.max(0, width - stringWidth(text)));
  return side === "left" ? blanks + text : text + blanks;
}

/**
 * Breaks a text at its spaces into lines of at most `width` columns. Wrapped lines keep the indent of their first line and of
 * a list's mark; the text's own line breaks stay. A longer word stays whole.
 */
export function wrap(text: string, width: number): string[] {
  return printable(text)
    .split("\n")
    .flatMap((line) => (stringWidth(line) <= width ? [line] : wrapLine(line, width)));
}

function wrapLine(text: string, width: number): string[] {
  const [indent = ""] = INDENT.exec(text) ?? [];
  // An indent that leaves too little room is ignored.
  const hanging = indent.length > width / 2 ? "" : " ".repeat(indent.length);
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.slice(indent.length).split(" ")) {
    if (!empty && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = hanging + word;
    } else {
      line += empty ? word : ` ${word}`;
    }
    empty = false;
  }
  return [...lines, line];
}
