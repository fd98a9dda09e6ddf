/** What a terminal was sent, as asciinema keeps it. @see https://docs.asciinema.org/manual/asciicast/v2/ */
export interface Cast {
  columns: number;
  rows: number;
  /** The command that was typed. */
  command: string;
  output: { atMs: number; text: string }[];
}

export function writeCast({ columns: width, rows: height, command, output }: Cast): string {
  const header = { version: 2, width, height, command };
  const events = output.map(({ atMs, text }) => [atMs / 1000, "o", text]);
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function readCast(file: string): Cast {
  const [header = "", ...events] = file.trimEnd().split("\n");
  const { width, height, command } = JSON.parse(header);
  const output = events.map((event) => {
    const [seconds, , text] = JSON.parse(event) as [number, string, string];
    return { atMs: Math.round(seconds * 1000), text };
  });
  return { columns: width, rows: height, command, output };
}
