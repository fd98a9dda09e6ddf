/** What stands between two columns. */
const GAP = "  ";

/**
 * Aligns rows in columns, each as wide as its widest cell; the first row is the head. Columns whose cells all begin with
 * a digit, or are a dash, stand to the right.
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = (rows[0] ?? []).map((_, index) => {
    const cells = rows.map((row) => row[index] ?? "");
    const numeric = cells.slice(1).every((cell) => /^(\d|–)/.test(cell));
    return { width: Math.max(...cells.map((cell) => cell.length)), numeric };
  });
  return rows.map((row) =>
    columns
      .map(({ width, numeric }, index) => {
        const cell = row[index] ?? "";
        return numeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Breaks a text into lines of a width at its blanks; lines that it has itself stay. A longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    const lines = [""];
    for (const word of line.split(" ")) {
      const last = lines.at(-1) ?? "";
      if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
    }
    return lines;
  });
}
