/**
 * What an agent with another SDK's loop uses; apart from `fanout/agent`, because it brings the AI SDK's loop with it.
 * @module
 */

export { callTool } from "../call/index.ts";
export { readSecret, readSetting } from "../runtime/index.ts";
export { runAiSdkLoop } from "./models/ai-sdk-loop.ts";
export { boundedFetch } from "./models/bounded-fetch.ts";
export type { Asked, ReadReply } from "./models/sdk-request.ts";
export type { Call } from "./models/seam.ts";
export { createSdkAgent, createSdkService } from "./sdk-agent.ts";
export type { SdkLoop } from "./sdk-loop.ts";
