import { join } from "node:path";
import { excerpt } from "../../runtime/index.ts";
import type { McpTools } from "./mcp-files.ts";
import { readKept, readMcpFolders } from "./mcp-servers.ts";

/**
 * How a project's MCP servers differ from their tools.json.
 * @returns a line for each server and tool that does, and for what of it has changed.
 * @throws Error as `readMcpFolders` does.
 */
export async function findDrift(root: string): Promise<string[]> {
  const folders = await readMcpFolders(root, "all");
  return folders.flatMap(({ name, ...now }) => {
    const before = readKept(join(root, "functions/mcp", name, "tools.json"));
    const lines = before === undefined ? ["has no tools.json yet"] : difference(before, now);
    return lines.map((line) => `${name}: ${line}`);
  });
}

/** What has changed of a server's tools, in words. */
export function difference(before: McpTools, now: McpTools): string[] {
  const known = new Set([...Object.keys(before.tools), ...before.notTaken]);
  const offered = new Set([...Object.keys(now.tools), ...now.notTaken]);
  const fresh = [...offered].filter((tool) => !known.has(tool)).map((tool) => `${tool} is new`);
  const gone = [...known].filter((tool) => !offered.has(tool)).map((tool) => `${tool} is gone`);
  const changed = Object.entries(now.tools).flatMap(([tool, contract]) => {
    const earlier = before.tools[tool];
    const changes = earlier === undefined ? [] : changesOf(leaves(earlier), leaves(contract));
    return changes.length === 0 ? [] : [`${tool} has changed`, ...changes.map((change) => `  ${change}`)];
  });
  return [...fresh, ...gone, ...changed];
}

function changesOf(before: Map<string, unknown>, now: Map<string, unknown>): string[] {
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter(
    (path) => JSON.stringify(before.get(path)) !== JSON.stringify(now.get(path)),
  );
  return paths.map((path) => {
    if (!before.has(path)) return `${path}: ${excerpt(now.get(path))} is new`;
    if (!now.has(path)) return `${path}: ${excerpt(before.get(path))} is gone`;
    return `${path}: ${excerpt(before.get(path))} became ${excerpt(now.get(path))}`;
  });
}

/** The values of a JSON value by where they stand; an empty array or object is a value. */
function leaves(value: unknown, path: string[] = []): Map<string, unknown> {
  const parts = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (parts.length === 0) return new Map([[path.join("."), value]]);
  return new Map(parts.flatMap(([key, part]) => [...leaves(part, [...path, key])]));
}
