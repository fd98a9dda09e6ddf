import stringWidth from "string-width";
import { pad } from "./fit.ts";
import { printableLine } from "./printable.ts";

/** The space between two columns. */
const GAP = "  ";

/**
 * Aligns rows in columns, each as wide as its widest cell; the first row is the head. A column whose cells all begin with
 * a digit, or are a dash, is aligned to the right. If that is wider than `width`, the first column gets lines of its own.
 * @returns a text for each row, of one line or two.
 */
export function table(rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string[] {
  const cells = rows.map((row) => row.map(printableLine));
  const lines = align(cells);
  if (lines.every((line) => stringWidth(line) <= width)) return lines;
  const others = align(cells.map(([, ...row]) => row));
  return cells.map(([first = ""], index) => `${first}\n${GAP}${others[index]}`);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const columns = (rows[0] ?? []).map((_, index) => {
    const cells = rows.map((row) => row[index] ?? "");
    const numeric = cells.slice(1).every((cell) => /^(\d|–)/.test(cell));
    return { width: Math.max(...cells.map((cell) => stringWidth(cell))), numeric };
  });
  return rows.map((row) =>
    columns
      .map(({ width, numeric }, index) => pad(row[index] ?? "", width, numeric ? "left" : "right"))
      .join(GAP)
      .trimEnd(),
  );
}
