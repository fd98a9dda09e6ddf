import { exportNameOf, type McpContract, type McpServer, mcpTool, nameOf } from "../../mcp-client/index.ts";
import type { Tool } from "../../tool/index.ts";
import { typeOf } from "./schema-type.ts";

/** What a server offers, as `functions/mcp/<server>/tools.json` has it. */
export interface McpTools {
  /** Those that server.ts names, by the server's names. */
  tools: Readonly<Record<string, McpContract>>;
  /** The names of the others. */
  notTaken: readonly string[];
}

/** A server's folder in `functions/mcp`. */
export interface McpFolder extends McpTools {
  name: string;
  server: McpServer;
}

/** The text of its tools.json. */
export const toolsJson = ({ tools, notTaken }: McpTools): string =>
  `${JSON.stringify({ tools, notTaken }, undefined, 2)}\n`;

/** The text of its tools.ts: a contract for each tool, under a name of its own. */
export function toolsModule(folder: McpFolder): string {
  const { name, tools } = folder;
  const contracts = Object.values(tools);
  if (contracts.length === 0) return `${GENERATED}\nexport {};\n`;
  return [
    GENERATED,
    'import { mcpTool } from "fanout/mcp-client";',
    'import server from "./server.ts";',
    'import contracts from "./tools.json" with { type: "json" };',
    "",
    "const { tools } = contracts;",
    ...contracts.map((contract) => {
      const own = nameOf(name, folder.server, contract.name);
      const types = [JSON.stringify(own), typeOf(contract.inputSchema), typeOf(contract.outputSchema)];
      const args = [JSON.stringify(name), "server", `tools[${JSON.stringify(contract.name)}]`];
      return `export const ${exportNameOf(own)} = /* @__PURE__ */ mcpTool<${types.join(", ")}>(${args.join(", ")});`;
    }),
    "",
  ].join("\n");
}

const GENERATED = "// Generated from server.ts and tools.json by `npm run sync`.";

/** Its tools as contracts. @throws TypeError for one that cannot be a tool here. */
export const toolsOf = ({ name, server, tools }: McpFolder): Tool[] =>
  Object.values(tools).map((contract) => mcpTool(name, server, contract) as unknown as Tool);
