import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadReadTools, type McpContract, type McpServer } from "../../mcp-client/index.ts";
import { readOwnSettings } from "../environment.ts";
import { foldersOf, readDefault } from "./definitions.ts";
import type { McpFolder, McpTools } from "./mcp-files.ts";

/** Which servers are asked for their tools: none, those whose tools.json lacks one that server.ts names, or all. */
export type Asked = "none" | "new" | "all";

/**
 * A project's MCP servers and the tools that may be called there.
 * @throws Error for a folder that cannot be read, or lacks a tool while nobody is asked; ToolError when a server cannot be asked.
 */
export async function readMcpFolders(root: string, asked: Asked): Promise<McpFolder[]> {
  const folders: McpFolder[] = [];
  for (const name of foldersOf(join(root, "functions/mcp"), ["server.ts"])) {
    const path = join(root, "functions/mcp", name);
    const server = await readServer(join(path, "server.ts"));
    const kept = readKept(join(path, "tools.json"));
    const lacking = Object.keys(server.tools).filter((tool) => !Object.hasOwn(kept?.tools ?? {}, tool));
    const isNew = kept === undefined || lacking.length > 0;
    if (isNew && asked === "none") {
      const what = kept ? `tools.json lacks ${lacking.join(", ")}` : "there is no tools.json";
      throw new Error(`Out of date: functions/mcp/${name}: ${what}. Run: npm run sync`);
    }
    const tools = asked === "all" || isNew ? await askServer(root, name, server) : kept;
    folders.push({ name, server, ...taken(tools, server) });
  }
  return folders;
}

const readServer = (path: string): Promise<McpServer> =>
  readDefault(path, "defineMcpServer", (value) => typeof Object(value).tools === "object");

/** @throws Error for a file that is not what `npm run sync` writes. */
export function readKept(path: string): McpTools | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { tools, notTaken } = JSON.parse(readFileSync(path, "utf8")) as McpTools;
    if (typeof tools === "object" && Array.isArray(notTaken)) return { tools, notTaken };
  } catch {
    // A conflict of a merge, for example.
  }
  throw new Error(
    `${path}: expected what npm run sync writes. Remove the file, then run: npm run sync --mcp`,
  );
}

/**
 * Asks a server for its tools.
 * @throws Error when it does not have one that server.ts names; ToolError when it cannot be asked.
 */
export async function askServer(root: string, name: string, server: McpServer): Promise<McpTools> {
  const read = await loadReadTools();
  const contracts = await read(name, server, { root, settings: readOwnSettings(root) });
  const tools = Object.fromEntries(contracts.map((contract) => [contract.name, contract]));
  const unknown = Object.keys(server.tools).filter((tool) => !Object.hasOwn(tools, tool));
  if (unknown.length === 0) return { tools, notTaken: [] };
  throw new Error(
    `functions/mcp/${name}/server.ts: the server has no tool called ${unknown.join(" or ")}. It has: ${Object.keys(tools).join(", ") || "none"}.`,
  );
}

/** What server.ts names, in the order of the names; of the others the names only. */
export function taken({ tools, notTaken }: McpTools, server: McpServer): McpTools {
  const all = [...Object.keys(tools), ...notTaken].toSorted();
  const isTaken = (tool: string) => Object.hasOwn(server.tools, tool);
  const kept = all.filter(isTaken).map((tool) => [tool, tools[tool] as McpContract]);
  return { tools: Object.fromEntries(kept), notTaken: [...new Set(all.filter((tool) => !isTaken(tool)))] };
}
