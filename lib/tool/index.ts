export { composeTool, type Parts } from "./compose.ts";
export { defineTool, type Tool, type ToolDefinition } from "./contract.ts";
export { ToolError } from "./error.ts";
export { fetchJson, type JsonRequest } from "./http.ts";
export { implementTool } from "./implement.ts";
export type { ToolContext, ToolResult } from "./perform.ts";
export { serve } from "./serve.ts";
