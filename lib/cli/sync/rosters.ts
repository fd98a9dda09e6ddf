import { exportNameOf } from "../../mcp-client/index.ts";
import type { Tool } from "../../tool/index.ts";

const GENERATED = "// Generated from the folders beside this file by `npm run sync`.";

/** A tool of an MCP server, whose contract is in the server's folder. */
type Elsewhere = Required<Pick<Tool, "name" | "mcp">>;

/** The text of `functions/tools/index.ts`: the contracts of these folders, and of these MCP servers' tools. */
export function toolRoster(folders: readonly string[], elsewhere: readonly Elsewhere[]): string {
  // The suffix keeps a folder such as `delete` from becoming a reserved word.
  const identifier = (name: string) => `${camelCase(name)}Tool`;
  const own = folders.map((folder) => ({
    identifier: identifier(folder),
    line: `import ${identifier(folder)} from "./${folder}/tool.ts";`,
  }));
  const theirs = elsewhere.map(({ name, mcp }) => ({
    identifier: identifier(name),
    // Its name, which nothing else of the line says, is what `toolsIn` looks for.
    line: `import { ${exportNameOf(name)} as ${identifier(name)} } from "../mcp/${mcp.server}/tools.ts"; // ${name}`,
  }));
  return roster("tools", "Tool", [...own, ...theirs]);
}

/** The tools that such a text names. */
export const toolsIn = (roster: string): string[] =>
  [...roster.matchAll(/^import (?:.* from "\.\/(\w+)\/tool\.ts";|.*; \/\/ (\w+))$/gm)].map(
    ([, folder, name]) => (folder ?? name) as string,
  );

/** The text of `functions/agents/index.ts`: the contracts of these folders. */
export function agentRoster(folders: readonly string[]): string {
  const suffix = (folder: string) => (folder.endsWith("-agent") ? "" : "Agent");
  const entries = folders.map((folder) => {
    const identifier = camelCase(folder) + suffix(folder);
    return { identifier, line: `import ${identifier} from "./${folder}/agent.ts";` };
  });
  return roster("agents", "Agent", entries);
}

function roster(
  list: "tools" | "agents",
  type: "Tool" | "Agent",
  entries: readonly { identifier: string; line: string }[],
): string {
  const identifiers = entries.map(({ identifier }) => identifier).join(", ");
  return [
    GENERATED,
    `import type { ${type} } from "fanout/${type.toLowerCase()}";`,
    ...entries.map(({ line }) => line),
    "",
    // Each contract keeps its own type; without one, an empty list would be `never[]`.
    entries.length === 0
      ? `export const ${list}: readonly ${type}[] = [];`
      : `export const ${list} = [${identifiers}] as const satisfies readonly ${type}[];`,
    "",
  ].join("\n");
}

/**
 * The text of `functions/tools/stand-ins.ts`. Stand-ins are not in the roster of tools, which functions carry: they are for
 * laptops only.
 */
export function standInRoster(tools: readonly string[]): string {
  const identifier = (tool: string) => `${camelCase(tool)}StandIn`;
  const entries = tools.map((tool) => `  ${tool}: ${identifier(tool)},\n`).join("");
  return [
    GENERATED,
    'import type { StandIns } from "fanout/sandbox";',
    ...tools.map((tool) => `import ${identifier(tool)} from "./${tool}/stand-in.ts";`),
    "",
    `export const standIns: StandIns = {${entries && `\n${entries}`}};`,
    "",
  ].join("\n");
}

/** Keeps different names different: `a_1` does not become `a1`. */
function camelCase(folder: string): string {
  return folder.replace(/_([a-z])|-(\w)/g, (_, ...[snake, kebab]: string[]) =>
    (snake ?? kebab ?? "").toUpperCase(),
  );
}
