import { createSdkAgent } from "fanout/service";
import { serve } from "fanout/tool";
import agent from "./agent.ts";
import { runGraph } from "./graph.ts";

export const service = createSdkAgent(agent, runGraph);
export const handler = serve(service);
