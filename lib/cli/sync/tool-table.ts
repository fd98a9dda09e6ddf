import type { Tool } from "../../tool/index.ts";

const BEGIN = "<!-- tools: written by `npm run sync` -->";
const END = "<!-- /tools -->";

/** The files of a project that may have a place for the table. */
export const TOOL_TABLE_FILES = ["README.md", "functions/README.md"];

/**
 * Writes the table of tools into a file, between the two lines that mark its place. A text without them is returned as it is.
 * @param file the file's name, for the error.
 * @throws Error for a text that has only one of the two lines.
 */
export function withToolTable(file: string, text: string, tools: readonly Tool[]): string {
  const [begin, end] = [text.indexOf(`${BEGIN}\n`), text.indexOf(END)];
  if (begin === -1 && end === -1) return text;
  if (begin === -1 || end < begin) {
    throw new Error(`${file}: its table of tools stands between the lines ${BEGIN} and ${END}.`);
  }
  const rows = tools.map(
    ({ name, description, effect }) => `| \`${name}\` | ${inCell(description)} | ${effect} |\n`,
  );
  const table = ["| tool | what it does | effect |\n| --- | --- | --- |\n", ...rows].join("");
  return `${text.slice(0, begin)}${BEGIN}\n${table}${text.slice(end)}`;
}

/** The first sentence, with nothing in it that would end a cell. */
const inCell = (text: string) =>
  /^.*?(?:[.:](?= )|$)/m.exec(text)?.[0].replace(/:$/, ".").replaceAll("|", "\\|");
