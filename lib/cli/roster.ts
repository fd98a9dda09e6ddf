import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tool } from "../tool/index.ts";

/** A generated file whose content differs from what the folders say. */
export interface StaleFile {
  path: string;
  content: string;
}

/**
 * Finds the generated files that are out of date: the two rosters and the README's table of tools.
 * @param root the project's folder.
 * @throws Error naming a folder whose name differs from the name inside, or that lacks a file or has one too many.
 */
export async function findStaleFiles(root: string): Promise<StaleFile[]> {
  const toolFolders = foldersOf(join(root, "functions/tools"), ["tool.ts"]);
  const agentFolders = foldersOf(join(root, "functions/agents"), ["agent.ts", "handler.ts"]);
  const tools: Tool[] = [];
  for (const folder of toolFolders) tools.push(await readTool(root, folder));

  const readme = join(root, "README.md");
  const expected: StaleFile[] = [
    { path: join(root, "functions/tools/index.ts"), content: roster("tools", "tool.ts", toolFolders) },
    { path: join(root, "functions/agents/index.ts"), content: roster("agents", "agent.ts", agentFolders) },
    { path: readme, content: withToolTable(readIfThere(readme), tools) },
  ];
  return expected.filter(({ path, content }) => readIfThere(path) !== content);
}

/** Brings every generated file up to date. */
export async function sync(root: string): Promise<StaleFile[]> {
  const stale = await findStaleFiles(root);
  for (const { path, content } of stale) writeFileSync(path, content);
  return stale;
}

function foldersOf(directory: string, files: string[]): string[] {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  for (const folder of folders) {
    const missing = files.filter((file) => !existsSync(join(directory, folder, file)));
    if (missing.length > 0) throw new Error(`${join(directory, folder)} lacks ${missing.join(" and ")}.`);
  }
  return folders;
}

async function readTool(root: string, folder: string): Promise<Tool> {
  const directory = join(root, "functions/tools", folder);
  const path = join(directory, "tool.ts");
  const { default: tool } = await (import(pathToFileURL(path).href) as Promise<{ default: Tool }>).catch(
    (cause: Error) => {
      throw new Error(`${path}: ${cause.message}`, { cause });
    },
  );
  const hasHandler = existsSync(join(directory, "handler.ts"));
  if (!hasHandler && tool?.lambda === undefined) throw new Error(`${directory} lacks handler.ts.`);
  if (hasHandler && tool?.lambda !== undefined) {
    throw new Error(
      `${directory}: a tool is either its handler.ts or the Lambda function "${tool.lambda}" that tool.ts names. Remove one.`,
    );
  }
  if (typeof tool?.name !== "string") {
    throw new Error(`${path} has no tool as its default export: expected export default defineTool({ … }).`);
  }
  if (tool.name !== folder) {
    throw new Error(
      `${path}: the tool must be called like its folder, "${folder}", but is called "${tool.name}".`,
    );
  }
  return tool;
}

function roster(kind: "tools" | "agents", file: string, folders: string[]): string {
  // The suffix keeps a folder such as `delete` from becoming a reserved word.
  const suffix = (folder: string) => (kind === "tools" ? "Tool" : folder.endsWith("-agent") ? "" : "Agent");
  const identifier = (folder: string) => camelCase(folder) + suffix(folder);
  const imports = folders.map((folder) => `import ${identifier(folder)} from "./${folder}/${file}";`);
  return [
    "// Generated from the folders beside this file by `npm run sync`.",
    ...imports,
    "",
    `export const ${kind} = [${folders.map(identifier).join(", ")}];`,
    "",
  ].join("\n");
}

/** No two names of tools become the same: `a_1` keeps what sets it apart from `a1`. */
function camelCase(folder: string): string {
  return folder.replace(/_([a-z])|-(\w)/g, (_, ...[snake, kebab]: string[]) =>
    (snake ?? kebab ?? "").toUpperCase(),
  );
}

const TABLE_MARKERS = "<!-- tools: written by `npm run sync` --> and <!-- /tools -->";
const TABLE = /(<!-- tools: written by `npm run sync` -->\n)[\s\S]*?(<!-- \/tools -->)/;

function withToolTable(readme: string, tools: Tool[]): string {
  const rows = tools.map(
    ({ name, description, effect }) => `| \`${name}\` | ${inCell(description)} | ${effect} |`,
  );
  if (!TABLE.test(readme))
    throw new Error(`README.md has no table of tools: it lacks the lines ${TABLE_MARKERS}.`);
  return readme.replace(TABLE, (_, begin: string, end: string) =>
    [
      begin,
      "| tool | what it does | effect |\n| --- | --- | --- |\n",
      ...rows.map((row) => `${row}\n`),
      end,
    ].join(""),
  );
}

/** The first sentence, with nothing in it that ends a cell. */
const inCell = (text: string) =>
  /^.*?(?:[.:](?= )|$)/m.exec(text)?.[0].replace(/:$/, ".").replaceAll("|", "\\|");

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
