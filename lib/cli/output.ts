import { wrap } from "./drawing/fit.ts";
import { printable } from "./drawing/printable.ts";
import { screenOf } from "./drawing/screen.ts";

// Nothing else in the command line writes to the terminal, so that no foreign text can act on it.

/** Tells a person something on stderr, wrapped to the terminal's width. */
export function say(text: string): void {
  process.stderr.write(`${wrap(text, screenOf(process.stderr).textWidth).join("\n")}\n`);
}

/** The same without wrapping, for commands to copy. */
export function sayUnbroken(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Prints a text as output. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Prints lines as they were drawn, colours included. Whoever drew them has made the texts in them printable. */
export function printDrawing(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Prints a value as JSON, with nothing that a terminal obeys. @param indent spaces per level; without it, one line. */
export function printJson(value: unknown, indent?: number): void {
  print(JSON.stringify(value, null, indent));
}

/** How commander prints its help and its errors, which repeat what was typed. */
export const helpOutput = {
  writeOut: (text: string) => void process.stdout.write(printable(text)),
  writeErr: (text: string) => void process.stderr.write(printable(text)),
};
