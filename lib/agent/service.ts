// What an agent with a loop of its own uses; apart from index.ts, because it brings the AI SDK's loop with it.
export { readSetting } from "../tool/environment.ts";
export { ignoreInnerHeaders } from "../tool/inner-headers.ts";
export { jsonSerde } from "../tool/schema.ts";
export { callTool } from "./call-tool.ts";
export { AGENT_ABORT_SECONDS } from "./definition.ts";
export { runAiSdkLoop } from "./models/ai-sdk-loop.ts";
