// What an agent with a loop of its own uses; apart from index.ts, because it brings the AI SDK's loop with it.
export { callTool, ignoreCallHeader, LISTENING } from "../call/index.ts";
export { jsonSerde, readSetting } from "../runtime/index.ts";
export { AGENT_ABORT_SECONDS } from "./definition.ts";
export { runAiSdkLoop } from "./models/ai-sdk-loop.ts";
