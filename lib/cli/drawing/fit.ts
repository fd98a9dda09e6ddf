import sliceAnsi from "slice-ansi";
import stringWidth from "string-width";
import { printable, printableLine } from "./printable.ts";

/** What stands before a line's text: blanks, and the mark of a list's entry. */
const INDENT = /^\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?/;

/** Cuts a text to one line of a width in columns, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  const line = printableLine(text);
  return stringWidth(line) <= width ? line : `${sliceAnsi(line, 0, width - 1)}…`;
}

/** Pads a text with blanks to a width in columns. */
export function pad(text: string, width: number, side: "left" | "right" = "right"): string {
  const blanks = " ".repeat(Math.max(0, width - stringWidth(text)));
  return side === "left" ? blanks + text : text + blanks;
}

/**
 * Breaks a text into lines of a width in columns at its blanks, so that what is below an indent or a list's mark stays
 * below it; lines that it has itself stay. A longer word stays whole.
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
