const GENERATED = "// Generated from the folders beside this file by `npm run sync`.";

/** The text of `functions/tools/index.ts`: the contracts of these folders. */
export function toolRoster(folders: readonly string[]): string {
  // The suffix keeps a folder such as `delete` from becoming a reserved word.
  return roster("tools", "Tool", folders, (folder) => `${camelCase(folder)}Tool`);
}

/** The folders that such a text names. */
export const foldersIn = (roster: string): string[] =>
  [...roster.matchAll(/ from "\.\/(\w+)\/tool\.ts";$/gm)].map(([, folder]) => folder as string);

/** The text of `functions/agents/index.ts`: the contracts of these folders. */
export function agentRoster(folders: readonly string[]): string {
  const suffix = (folder: string) => (folder.endsWith("-agent") ? "" : "Agent");
  return roster("agents", "Agent", folders, (folder) => camelCase(folder) + suffix(folder));
}

function roster(
  list: "tools" | "agents",
  type: "Tool" | "Agent",
  folders: readonly string[],
  identifier: (folder: string) => string,
): string {
  const kind = type.toLowerCase();
  return [
    GENERATED,
    `import type { ${type} } from "fanout/${kind}";`,
    ...folders.map((folder) => `import ${identifier(folder)} from "./${folder}/${kind}.ts";`),
    "",
    // Each contract keeps its own type; without one, an empty list would be `never[]`.
    folders.length === 0
      ? `export const ${list}: readonly ${type}[] = [];`
      : `export const ${list} = [${folders.map(identifier).join(", ")}] as const satisfies readonly ${type}[];`,
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
