export { EXPOSED_TOOLS, exposedSetting, TOOL_CALLS } from "./exposed.ts";
export { toolCalls } from "./tool-calls.ts";
