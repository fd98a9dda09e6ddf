import { createSdkAgent } from "fanout/service";
import { serve } from "fanout/tool";
import { runAdkAgent } from "../../adk.ts";
import agent from "./agent.ts";

export const service = createSdkAgent(agent, runAdkAgent);
export const handler = serve(service);
