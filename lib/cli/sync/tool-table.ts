import type { Tool } from "../../tool/index.ts";

const BEGIN = "<!-- tools: written by `npm run sync` -->";
const END = "<!-- /tools -->";

/**
 * Writes the table of tools into a README, between the two lines that mark its place. A README without them is returned
 * as it is.
 * @throws Error for a README that has only one of the two lines.
 */
export function withToolTable(readme: string, tools: readonly Tool[]): string {
  const [begin, end] = [readme.indexOf(`${BEGIN}\n`), readme.indexOf(END)];
  if (begin === -1 && end === -1) return readme;
  if (begin === -1 || end < begin) {
    throw new Error(`README.md: its table of tools stands between the lines ${BEGIN} and ${END}.`);
  }
  const rows = tools.map(
    ({ name, description, effect }) => `| \`${name}\` | ${inCell(description)} | ${effect} |\n`,
  );
  const table = ["| tool | what it does | effect |\n| --- | --- | --- |\n", ...rows].join("");
  return `${readme.slice(0, begin)}${BEGIN}\n${table}${readme.slice(end)}`;
}

/** The first sentence, with nothing in it that would end a cell. */
const inCell = (text: string) =>
  /^.*?(?:[.:](?= )|$)/m.exec(text)?.[0].replace(/:$/, ".").replaceAll("|", "\\|");
