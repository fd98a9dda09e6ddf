import { createSdkAgent } from "fanout/service";
import { serve } from "fanout/tool";
import { runOpenAiAgent } from "../../openai-agents.ts";
import agent from "./agent.ts";

export const service = createSdkAgent(agent, runOpenAiAgent);
export const handler = serve(service);
