import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { placeTools, readToolStacks, TOOL_STACKS_FILE } from "../../deployment/index.ts";
import type { Tool } from "../../tool/index.ts";
import { checkAgents, foldersOf, readTool } from "./definitions.ts";
import { toolsJson, toolsModule, toolsOf } from "./mcp-files.ts";
import { type Asked, readMcpFolders } from "./mcp-servers.ts";
import { agentRoster, standInRoster, toolRoster, toolsIn } from "./rosters.ts";
import { readStandIns } from "./stand-ins.ts";
import { TOOL_TABLE_FILES, withToolTable } from "./tool-table.ts";

/** A generated file that does not match the folders, with the content it should have; undefined: there should be none. */
interface StaleFile {
  path: string;
  content: string | undefined;
}

const toolRosterOf = (root: string) => join(root, "functions/tools/index.ts");

/**
 * Finds the generated files that are out of date: the rosters, the table of tools, and which tools are in
 * which stack.
 * @param root the project's folder.
 * @throws Error naming a folder that is not named as its definition says, or that lacks a file or has one too many.
 */
export async function findStaleFiles(root: string): Promise<StaleFile[]> {
  const { stale, agentFolders } = await compare(root, "none");
  // Agents import the roster of tools: while it names a tool that is gone, none of them can be read.
  if (!stale.some(({ path }) => path === toolRosterOf(root))) await checkAgents(root, agentFolders);
  return stale;
}

/**
 * Brings every generated file up to date.
 * @param asked which MCP servers are asked for their tools.
 * @throws Error as `findStaleFiles` does, and when a server cannot be asked; the files are then as they were before.
 */
export async function sync(root: string, asked: Asked = "new"): Promise<StaleFile[]> {
  const { stale, agentFolders } = await compare(root, asked);
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

async function compare(root: string, asked: Asked): Promise<{ stale: StaleFile[]; agentFolders: string[] }> {
  const toolFolders = foldersOf(join(root, "functions/tools"), ["tool.ts"]);
  const agentFolders = foldersOf(join(root, "functions/agents"), ["agent.ts", "handler.ts"]);
  const tools: Tool[] = [];
  for (const folder of toolFolders) tools.push(await readTool(root, folder));
  const standIns = await readStandIns(root, tools);
  const mcpFolders = await readMcpFolders(root, asked);
  const theirs = mcpFolders.flatMap(toolsOf).map((tool) => ({ ...tool, mcp: tool.mcp as McpTool }));
  const all = [...tools, ...theirs];
  checkNames(all);

  const expected: StaleFile[] = [
    { path: toolRosterOf(root), content: toolRoster(toolFolders, theirs) },
    { path: join(root, "functions/tools/stand-ins.ts"), content: standInRoster(Object.keys(standIns)) },
    { path: join(root, "functions/agents/index.ts"), content: agentRoster(agentFolders) },
    {
      path: join(root, "functions", TOOL_STACKS_FILE),
      content: stacksOf(
        root,
        all.map(({ name }) => name),
      ),
    },
    ...TOOL_TABLE_FILES.flatMap((file) => {
      const text = readIfThere(join(root, file));
      return text === undefined ? [] : [{ path: join(root, file), content: withToolTable(file, text, all) }];
    }),
    ...mcpFolders.flatMap((folder) => [
      { path: join(root, "functions/mcp", folder.name, "tools.json"), content: toolsJson(folder) },
      { path: join(root, "functions/mcp", folder.name, "tools.ts"), content: toolsModule(folder) },
    ]),
  ];
  return { stale: expected.filter(({ path, content }) => readIfThere(path) !== content), agentFolders };
}

type McpTool = NonNullable<Tool["mcp"]>;

/** @throws Error for two tools of the same name, which would be one service. */
function checkNames(tools: readonly Tool[]): void {
  const places = Map.groupBy(tools, ({ name }) => name);
  for (const [name, same] of places) {
    const where = same.map(({ mcp }) =>
      mcp ? `functions/mcp/${mcp.server}, ${mcp.tool}` : `functions/tools/${name}`,
    );
    if (where.length > 1)
      throw new Error(`Two tools are called "${name}": ${where.join("; ")}. Give one another name.`);
  }
}

/** A tool that is deployed keeps its place, so this depends on the files as they are. */
function stacksOf(root: string, tools: readonly string[]): string | undefined {
  const earlier = toolsIn(readIfThere(toolRosterOf(root)) ?? "");
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
