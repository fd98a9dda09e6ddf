import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { placeTools, readToolStacks, TOOL_STACKS_FILE } from "../../deployment/index.ts";
import type { Tool } from "../../tool/index.ts";
import { checkAgents, foldersOf, readTool } from "./definitions.ts";
import { agentRoster, foldersIn, standInRoster, toolRoster } from "./rosters.ts";
import { readStandIns } from "./stand-ins.ts";
import { withToolTable } from "./tool-table.ts";

/** A generated file that does not match the folders, with the content it should have; undefined: there should be none. */
interface StaleFile {
  path: string;
  content: string | undefined;
}

const toolRosterOf = (root: string) => join(root, "functions/tools/index.ts");

/**
 * Finds the generated files that are out of date: the rosters, the README's table of tools, and which tools are in
 * which stack.
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
    for (const file of before) write(file);
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
    { path: join(root, "functions", TOOL_STACKS_FILE), content: stacksOf(root, toolFolders) },
    ...(readme.text === undefined ? [] : [{ path: readme.path, content: withToolTable(readme.text, tools) }]),
  ];
  return { stale: expected.filter(({ path, content }) => readIfThere(path) !== content), agentFolders };
}

/** A tool that is deployed keeps its place, so this depends on the files as they are. */
function stacksOf(root: string, tools: readonly string[]): string | undefined {
  const earlier = foldersIn(readIfThere(toolRosterOf(root)) ?? "");
  const stacks = placeTools(tools, readToolStacks(join(root, "functions")), earlier);
  return stacks && `${JSON.stringify(stacks, undefined, 2)}\n`;
}

function write({ path, content }: StaleFile): void {
  if (content === undefined) rmSync(path, { force: true });
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
