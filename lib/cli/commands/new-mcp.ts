import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import {
  defineMcpServer,
  loadReadTools,
  type McpContract,
  type McpServerDefinition,
  type McpToolSettings,
  shortNameOf,
} from "../../mcp-client/index.ts";
import { excerpt } from "../../runtime/index.ts";
import { asUsage } from "../arguments.ts";
import { readOwnSettings } from "../environment.ts";
import { addFolder } from "../new-folder.ts";
import { print } from "../output.ts";
import type { Project } from "../project.ts";
import { toolsJson } from "../sync/mcp-files.ts";
import { taken } from "../sync/mcp-servers.ts";

interface Flags {
  url?: string;
  command?: string;
  bearer?: string;
  tools?: string;
}

export default function defineNewMcp(command: Command, { root }: Project): void {
  command
    .argument("<name>", "snake_case, such as github", asUsage(checkServerName))
    .option("--url <url>", "where the server is, by streamable HTTP; a deployment needs it")
    .option("--command <command>", 'what a laptop starts, such as "npx -y @scope/server --flag"')
    .option("--bearer <secret>", "the name of the secret, in .env, that is sent as a bearer token")
    .option("--tools <names>", "the tools that agents may call, separated by commas (default: none yet)")
    .action(async (name: string, flags: Flags) => {
      const files = await newMcp(root, name, flags);
      const next = flags.tools
        ? "Say in server.ts which of them only read. Then name them in an agent."
        : "Say in server.ts which tools agents may call. Then run: npm run sync";
      print(`${files.map((file) => `  functions/mcp/${name}/${file}\n`).join("")}${next}`);
    });
}

/**
 * Writes the folder of an MCP server, which is asked for its tools.
 * @returns the names of the files.
 * @throws Error when the folder exists, the server cannot be asked or lacks a tool, or another folder is wrong.
 */
export async function newMcp(root: string, name: string, flags: Flags): Promise<string[]> {
  checkServerName(name);
  const folder = join(root, "functions/mcp", name);
  if (existsSync(folder)) throw new Error(`There is an MCP server called ${name} already: ${folder}`);
  const connection: Omit<McpServerDefinition, "tools"> = {
    ...(flags.url && { url: flags.url }),
    ...(flags.command && { command: flags.command.trim().split(/\s+/) }),
    ...(flags.bearer && { authorization: { bearer: flags.bearer } }),
  };
  const server = defineMcpServer({ ...connection, tools: {} });
  const readTools = await loadReadTools();
  const tools = await readTools(name, server, { root, settings: readOwnSettings(root) });
  const names = flags.tools?.split(",").map((tool) => tool.trim()) ?? [];
  const unknown = names.filter((tool) => tools.every((one) => one.name !== tool));
  if (unknown.length > 0)
    throw new Error(
      `${name} has no tool called ${unknown.join(" or ")}. It has: ${tools.map((one) => one.name).join(", ")}.`,
    );
  const offered = { tools: Object.fromEntries(tools.map((tool) => [tool.name, tool])), notTaken: [] };
  const named = { ...server, tools: Object.fromEntries(names.map((tool) => [tool, settingsOf(name, tool)])) };
  await addFolder(root, folder, {
    "server.ts": serverFile(name, connection, tools, names),
    "tools.json": toolsJson(taken(offered, named)),
  });
  return ["server.ts", "tools.json", "tools.ts"];
}

function checkServerName(name: string): string {
  if (/^[a-z][a-z0-9_]{0,19}$/.test(name)) return name;
  throw new TypeError(
    `An MCP server's name is snake_case, at most 20 characters, such as github; got "${name}".`,
  );
}

/** What a tool needs to be said of it. */
function settingsOf(server: string, tool: string): McpToolSettings {
  const name = shortNameOf(server, tool);
  return name === undefined ? {} : { name };
}

function serverFile(
  server: string,
  connection: Omit<McpServerDefinition, "tools">,
  tools: readonly McpContract[],
  names: readonly string[],
): string {
  const fields = Object.entries(connection).map(([field, value]) => `  ${field}: ${literal(value)},\n`);
  const lines = tools.map(({ name, description = "" }) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `    ${names.includes(name) ? "" : "// "}${key}: ${literal(settingsOf(server, name))}, // ${excerpt(description.split("\n")[0])}\n`;
  });
  return [
    'import { defineMcpServer } from "fanout/mcp-client";\n\nexport default defineMcpServer({\n',
    ...fields,
    '  // The tools that agents may call, and no others. One that changes nothing may have effect: "read", whatever the server says.\n',
    `  tools: {\n${lines.join("")}  },\n});\n`,
  ].join("");
}

/** A value as the formatter writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Object.keys(value).length === 0) return "{}";
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${key}: ${literal(part)}`)
    .join(", ")} }`;
}
