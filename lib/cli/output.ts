import { wrap } from "./drawing/fit.ts";
import { printable } from "./drawing/printable.ts";
import { screenOf } from "./drawing/screen.ts";

// Nothing else in the command line writes to the terminal, so that no text of others acts on it.

/** Tells a person something, beside the output; on a terminal in lines of its width. */
export function say(text: string): void {
  process.stderr.write(`${wrap(text, screenOf(process.stderr).textWidth).join("\n")}\n`);
}

/** The same for commands to copy, whose lines must not be broken. */
export function sayUnbroken(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Prints a text as output. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Prints lines as they were drawn, colours included. Whatever drew them has made the texts in them printable. */
export function printDrawing(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Prints a value as JSON, and nothing that a terminal obeys. @param indent blanks per level; none is one line. */
export function printJson(value: unknown, indent?: number): void {
  print(JSON.stringify(value, null, indent));
}

/** How commander writes its help and its errors, which repeat what was typed. */
export const helpOutput = {
  writeOut: (text: string) => void process.stdout.write(printable(text)),
  writeErr: (text: string) => void process.stderr.write(printable(text)),
};
