/**
 * Tools of MCP servers: {@link defineMcpServer} for a folder of `functions/mcp`. The rest is for the files that `fanout sync` writes beside
 * it.
 * @module
 */

export { type McpContract, mcpTool, nameOf } from "./contract.ts";
export {
  defineMcpServer,
  type McpServer,
  type McpServerDefinition,
  type McpToolSettings,
} from "./define-server.ts";
export type { JsonSchema } from "./json-schema.ts";
export { exportNameOf, shortNameOf } from "./names.ts";

/** Loads what speaks MCP only where a server is asked. @see readTools in list-tools.ts */
export const loadReadTools = async () => (await import("./list-tools.ts")).readTools;
