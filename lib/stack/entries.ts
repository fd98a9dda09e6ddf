import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentFolder } from "../agent/index.ts";
import { type Roster, SettingsError } from "../deployment/index.ts";
import { TOPIC } from "../events/index.ts";
import { exportNameOf } from "../mcp-client/index.ts";
import type { Tool } from "../tool/index.ts";
import { CANARY_BUNDLE, CANARY_HANDLER } from "./canary/canary.ts";
import { kitFile } from "./kit-file.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "./registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "./restate-admin.ts";
import { RUN_EVENTS_HANDLER } from "./run-events/run-events-function.ts";
import { STUCK_RUNS_BUNDLE, STUCK_RUNS_HANDLER } from "./stuck-runs/stuck-runs.ts";

/** The stack's own functions, beside the one that registers, which is in every template. */
const OWN = [
  [CANARY_BUNDLE, CANARY_HANDLER],
  [RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER],
  [STUCK_RUNS_BUNDLE, STUCK_RUNS_HANDLER],
] as const;

/**
 * Each function's entry file, by the name of its bundle: a handler.ts per tool and agent, an adapter for a tool that is an
 * existing Lambda function or an MCP server's, and the stack's own functions.
 * @param functions the folder with `tools` and `agents`.
 * @param bundleDir where adapters are written, in their own folder.
 * @param options `local`: a laptop does without most of the stack's own functions.
 * @throws SettingsError for an MCP server that only a laptop reaches.
 */
export function entriesOf(
  { functions, tools, agents }: Roster & { functions: string },
  bundleDir: string,
  { local }: { local: boolean },
): Record<string, string> {
  const adapters = join(bundleDir, ".adapters");
  return Object.fromEntries([
    ...tools.map((tool) => [tool.name, entryOf(tool, functions, adapters, local)]),
    ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent), "handler.ts")]),
    [TOPIC, RUN_EVENTS_HANDLER],
    [RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER],
    ...(local ? [] : OWN),
  ]);
}

function entryOf(tool: Tool, functions: string, adapters: string, local: boolean): string {
  const folder = join(functions, "tools", tool.name);
  if (tool.mcp !== undefined) return writeMcpAdapter({ ...tool, mcp: tool.mcp }, functions, adapters, local);
  if (tool.lambda !== undefined) return writeLambdaAdapter(tool.name, join(folder, "tool.ts"), adapters);
  return join(folder, "handler.ts");
}

/**
 * Writes the handler of a tool that is an existing Lambda function, for the bundler. It is the same for every such tool,
 * except for the contract.
 * @param contract the path of its tool.ts.
 * @param directory where the file is written.
 * @returns the file's path.
 */
export function writeLambdaAdapter(name: string, contract: string, directory: string): string {
  return write(directory, name, [
    `import { invokeLambda } from ${JSON.stringify(kitFile("tool/invoke-lambda"))};`,
    `import { serve } from ${JSON.stringify(kitFile("tool/serve"))};`,
    `import tool from ${JSON.stringify(contract)};`,
    "export const handler = serve(invokeLambda(tool));",
  ]);
}

/**
 * Writes the handler of a tool that is an MCP server's, for the bundler. On a laptop it starts the server's command, if it has one.
 * @param functions the folder with the server's `mcp/<server>`.
 * @throws SettingsError for a deployment of a server that only a laptop reaches.
 */
function writeMcpAdapter(
  { name, mcp }: Pick<Tool, "name"> & Required<Pick<Tool, "mcp">>,
  functions: string,
  directory: string,
  local: boolean,
): string {
  const folder = join(functions, "mcp", mcp.server);
  // Over plain HTTP a server is on this machine only.
  if (!local && !mcp.url?.startsWith("https:")) {
    const came = mcp.url === undefined ? "a command, which a laptop can start" : mcp.url;
    throw new SettingsError(
      `functions/mcp/${mcp.server}/server.ts: a deployment needs a url with https://, and there is only ${came}. Tool: ${name}.`,
    );
  }
  const isStarted = local && mcp.hasCommand;
  const kit = (file: string) => JSON.stringify(kitFile(`mcp-client/${file}`));
  const place = JSON.stringify({ cwd: join(functions, "..") });
  return write(directory, name, [
    `import { serveMcpTool } from ${kit("serve-mcp-tool")};`,
    isStarted
      ? `import { overOwnStdio as connector } from ${kit("stdio")};`
      : `import { overHttp as connector } from ${kit("transport")};`,
    `import server from ${JSON.stringify(join(folder, "server.ts"))};`,
    `import { ${exportNameOf(name)} as tool } from ${JSON.stringify(join(folder, "tools.ts"))};`,
    `export const handler = serveMcpTool(tool, connector(server${isStarted ? `, ${place}` : ""}));`,
  ]);
}

/** @returns the file's path. */
function write(directory: string, name: string, lines: readonly string[]): string {
  const file = join(directory, `${name}.ts`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
