export { EXPOSED_TOOLS, exposedSetting } from "./exposed.ts";
export { TOOL_CALLS, toolCalls } from "./tool-calls.ts";
