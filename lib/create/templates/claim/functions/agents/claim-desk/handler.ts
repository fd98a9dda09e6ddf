import { createAgent } from "fanout/agent";
import { serve } from "fanout/tool";
import agent from "./agent.ts";

export const service = createAgent(agent);
export const handler = serve(service);
