import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Agent, agentFolder } from "../agent/index.ts";
import type { StandIn, StandIns } from "../sandbox/index.ts";
import type { Tool } from "../tool/index.ts";
import { problemOf } from "./check-stand-in.ts";

/** A generated file whose content differs from what the folders say. */
interface StaleFile {
  path: string;
  content: string;
}

const toolRoster = (root: string) => join(root, "functions/tools/index.ts");

/**
 * Finds the generated files that are out of date: the rosters and the README's table of tools. A README without the
 * table's place is left alone.
 * @param root the project's folder.
 * @throws Error naming a folder whose name differs from the name inside, or that lacks a file or has one too many.
 */
export async function findStaleFiles(root: string): Promise<StaleFile[]> {
  const { stale, agentFolders } = await compare(root);
  // Agents import the roster of tools: while it names a tool that has gone, none can be read.
  if (!stale.some(({ path }) => path === toolRoster(root))) await checkAgents(root, agentFolders);
  return stale;
}

/**
 * Brings every generated file up to date.
 * @throws Error as `findStaleFiles` does; the files are as they were before then.
 */
export async function sync(root: string): Promise<StaleFile[]> {
  const { stale, agentFolders } = await compare(root);
  const before = stale.map(({ path }) => ({ path, content: readIfThere(path) }));
  try {
    for (const file of stale) write(file);
    await checkAgents(root, agentFolders);
  } catch (error) {
    for (const { path, content } of before) {
      if (content === undefined) rmSync(path, { force: true });
      else write({ path, content });
    }
    throw error;
  }
  return stale;
}

function write({ path, content }: StaleFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function compare(root: string): Promise<{ stale: StaleFile[]; agentFolders: string[] }> {
  const toolFolders = foldersOf(join(root, "functions/tools"), ["tool.ts"]);
  const agentFolders = foldersOf(join(root, "functions/agents"), ["agent.ts", "handler.ts"]);
  const tools: Tool[] = [];
  for (const folder of toolFolders) tools.push(await readTool(root, folder));
  const standIns = await readStandIns(root, tools);

  const readme = { path: join(root, "README.md"), text: readIfThere(join(root, "README.md")) };
  const expected: StaleFile[] = [
    { path: toolRoster(root), content: roster("tools", "tool.ts", toolFolders) },
    { path: join(root, "functions/tools/stand-ins.ts"), content: standInRoster(Object.keys(standIns)) },
    { path: join(root, "functions/agents/index.ts"), content: roster("agents", "agent.ts", agentFolders) },
    ...(readme.text === undefined ? [] : [{ path: readme.path, content: withToolTable(readme.text, tools) }]),
  ];
  return { stale: expected.filter(({ path, content }) => readIfThere(path) !== content), agentFolders };
}

/** Git keeps no empty folders, so one that is missing is empty. */
function foldersOf(directory: string, files: string[]): string[] {
  if (!existsSync(directory)) return [];
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
  const tool = await readDefinition<Tool>(path, "defineTool");
  const hasHandler = existsSync(join(directory, "handler.ts"));
  if (!hasHandler && tool.lambda === undefined) throw new Error(`${directory} lacks handler.ts.`);
  if (hasHandler && tool.lambda !== undefined) {
    throw new Error(
      `${directory}: a tool is either its handler.ts or the Lambda function "${tool.lambda}" that tool.ts names. Remove one.`,
    );
  }
  if (tool.name !== folder) {
    throw new Error(
      `${path}: the tool must be called like its folder, "${folder}", but is called "${tool.name}".`,
    );
  }
  return tool;
}

const standInOf = (root: string, tool: string) => join(root, "functions/tools", tool, "stand-in.ts");

/**
 * The stand-ins in the tools' folders, by the tool's name.
 * @throws Error naming a file without one, or whose stand-in has no effect on the tools; two for the same provider.
 */
async function readStandIns(root: string, tools: readonly Tool[]): Promise<StandIns> {
  const standIns: Record<string, StandIn> = {};
  for (const tool of tools) {
    const path = standInOf(root, tool.name);
    if (!existsSync(path)) continue;
    const standIn = await readDefault<StandIn>(path, "defineStandIn", isStandIn);
    const problem = problemOf(standIn, tool, tools);
    if (problem !== undefined) throw new Error(`${path}: ${problem}`);
    standIns[tool.name] = standIn;
  }
  // Where there is no stand-in, nothing of the sandbox has to be loaded.
  if (Object.keys(standIns).length > 0) (await import("../sandbox/index.ts")).upstreamsOf(standIns);
  return standIns;
}

/** @throws Error when a stand-in is not in the roster: its tool would ask the real provider, unnoticed. */
export function checkStandInRoster(root: string, standIns: StandIns): void {
  const tools = foldersOf(join(root, "functions/tools"), []);
  if (tools.every((tool) => Object.hasOwn(standIns, tool) || !existsSync(standInOf(root, tool)))) return;
  throw new Error("Out of date: functions/tools/stand-ins.ts. Run: npm run sync");
}

function isStandIn(value: unknown): boolean {
  const { provider, words } = Object(value);
  if (provider === undefined) return typeof Object(words).find === "function";
  return typeof Object(provider).name === "string";
}

/** @throws Error naming every agent that cannot be read, or whose folder is not its name in kebab-case. */
async function checkAgents(root: string, folders: readonly string[]): Promise<void> {
  const problems: string[] = [];
  for (const folder of folders) {
    const path = join(root, "functions/agents", folder, "agent.ts");
    const agent = await readDefinition<Agent>(path, "defineAgent").catch(({ message }: Error) => {
      problems.push(message);
    });
    if (agent && agentFolder(agent) !== folder) {
      problems.push(
        `${path}: the agent is called "${agent.name}", so its folder must be "${agentFolder(agent)}", but is "${folder}".`,
      );
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** The default export of a contract's file. */
const readDefinition = <T extends { name: string }>(path: string, define: string): Promise<T> =>
  readDefault(path, define, (value) => typeof Object(value).name === "string");

/** @throws Error naming the file if it cannot be read, or exports something else. */
async function readDefault<T>(path: string, define: string, isOne: (value: unknown) => boolean): Promise<T> {
  const module = (await import(pathToFileURL(path).href).catch((cause: Error) => {
    throw new Error(`${path}: ${cause.message}`, { cause });
  })) as { default?: T };
  if (module.default !== undefined && isOne(module.default)) return module.default;
  throw new Error(
    `${path}: expected export default ${define}({ … }), got ${module.default === undefined ? "no default export" : "something else"}.`,
  );
}

function roster(kind: "tools" | "agents", file: string, folders: string[]): string {
  // The suffix keeps a folder such as `delete` from becoming a reserved word.
  const suffix = (folder: string) => (kind === "tools" ? "Tool" : folder.endsWith("-agent") ? "" : "Agent");
  const identifier = (folder: string) => camelCase(folder) + suffix(folder);
  const imports = folders.map((folder) => `import ${identifier(folder)} from "./${folder}/${file}";`);
  // Without its type, an empty list would be `never[]`.
  const [type, kit] = kind === "tools" ? ["Tool", "fanout/tool"] : ["Agent", "fanout/agent"];
  return [
    "// Generated from the folders beside this file by `npm run sync`.",
    `import type { ${type} } from "${kit}";`,
    ...imports,
    "",
    `export const ${kind}: readonly ${type}[] = [${folders.map(identifier).join(", ")}];`,
    "",
  ].join("\n");
}

/** Apart from the roster of tools, which functions carry: what stands in for providers is for laptops only. */
function standInRoster(folders: readonly string[]): string {
  const identifier = (folder: string) => `${camelCase(folder)}StandIn`;
  const entries = folders.map((folder) => `  ${folder}: ${identifier(folder)},\n`).join("");
  return [
    "// Generated from the folders beside this file by `npm run sync`.",
    'import type { StandIns } from "fanout/sandbox";',
    ...folders.map((folder) => `import ${identifier(folder)} from "./${folder}/stand-in.ts";`),
    "",
    `export const standIns: StandIns = {${entries && `\n${entries}`}};`,
    "",
  ].join("\n");
}

/** Keeps the names of two tools apart: `a_1` does not become `a1`. */
function camelCase(folder: string): string {
  return folder.replace(/_([a-z])|-(\w)/g, (_, ...[snake, kebab]: string[]) =>
    (snake ?? kebab ?? "").toUpperCase(),
  );
}

const TABLE_BEGIN = "<!-- tools: written by `npm run sync` -->";
const TABLE_END = "<!-- /tools -->";

/** @throws Error for a README that has one of the table's two lines only. */
function withToolTable(readme: string, tools: Tool[]): string {
  const [begin, end] = [readme.indexOf(`${TABLE_BEGIN}\n`), readme.indexOf(TABLE_END)];
  if (begin === -1 && end === -1) return readme;
  if (begin === -1 || end < begin) {
    throw new Error(
      `README.md: its table of tools stands between the lines ${TABLE_BEGIN} and ${TABLE_END}.`,
    );
  }
  const rows = tools.map(
    ({ name, description, effect }) => `| \`${name}\` | ${inCell(description)} | ${effect} |\n`,
  );
  const table = ["| tool | what it does | effect |\n| --- | --- | --- |\n", ...rows].join("");
  return `${readme.slice(0, begin)}${TABLE_BEGIN}\n${table}${readme.slice(end)}`;
}

/** The first sentence, with nothing in it that ends a cell. */
const inCell = (text: string) =>
  /^.*?(?:[.:](?= )|$)/m.exec(text)?.[0].replace(/:$/, ".").replaceAll("|", "\\|");

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
