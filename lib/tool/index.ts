export { defineTool, type Tool, type ToolDefinition } from "./contract.ts";
export { ToolError } from "./error.ts";
export { fetchJson, type JsonRequest } from "./http.ts";
export { implementTool, type ToolContext, type ToolResult } from "./implement.ts";
export { serve } from "./serve.ts";
