import { createAgent } from "../../../../agent/index.ts";
import { serve } from "../../../../tool/index.ts";
import agent from "./agent.ts";

export const handler = serve(createAgent(agent));
