import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Tool } from "../../tool/index.ts";
import { checkAgents, foldersOf, readTool } from "./definitions.ts";
import { agentRoster, standInRoster, toolRoster } from "./rosters.ts";
import { readStandIns } from "./stand-ins.ts";
import { withToolTable } from "./tool-table.ts";

/** A generated file that does not match the folders, with the content it should have. */
interface StaleFile {
  path: string;
  content: string;
}

const toolRosterOf = (root: string) => join(root, "functions/tools/index.ts");

/**
 * Finds the generated files that are out of date: the rosters and the README's table of tools.
 * @param root the project's folder.
 * @throws Error naming a folder that is not named as its definition says, or that lacks a file or has one too many.
 */
export async function findStaleFiles(root: string): Promise<StaleFile[]> {
  const { stale, agentFolders } = await compare(root);
  // Agents import the roster of tools: while it names a tool that is gone, none of them can be read.
  if (!stale.some(({ path }) => path === toolRosterOf(root))) await checkAgents(root, agentFolders);
  return stale;
}

/**
 * Brings every generated file up to date.
 * @throws Error as `findStaleFiles` does; the files are then as they were before.
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

async function compare(root: string): Promise<{ stale: StaleFile[]; agentFolders: string[] }> {
  const toolFolders = foldersOf(join(root, "functions/tools"), ["tool.ts"]);
  const agentFolders = foldersOf(join(root, "functions/agents"), ["agent.ts", "handler.ts"]);
  const tools: Tool[] = [];
  for (const folder of toolFolders) tools.push(await readTool(root, folder));
  const standIns = await readStandIns(root, tools);

  const readme = { path: join(root, "README.md"), text: readIfThere(join(root, "README.md")) };
  const expected: StaleFile[] = [
    { path: toolRosterOf(root), content: toolRoster(toolFolders) },
    { path: join(root, "functions/tools/stand-ins.ts"), content: standInRoster(Object.keys(standIns)) },
    { path: join(root, "functions/agents/index.ts"), content: agentRoster(agentFolders) },
    ...(readme.text === undefined ? [] : [{ path: readme.path, content: withToolTable(readme.text, tools) }]),
  ];
  return { stale: expected.filter(({ path, content }) => readIfThere(path) !== content), agentFolders };
}

function write({ path, content }: StaleFile): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
