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
