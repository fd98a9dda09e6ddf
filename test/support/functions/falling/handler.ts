import { createAgent } from "../../../../lib/agent/index.ts";
import { serve } from "../../../../lib/tool/index.ts";
import agent from "./agent.ts";

export const handler = serve(createAgent(agent));
