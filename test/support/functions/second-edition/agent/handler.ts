import { createAgent, defineAgent } from "../../../../../lib/agent/index.ts";
import { serve } from "../../../../../lib/tool/index.ts";
import agent from "../../agent/agent.ts";

const instructions = `${agent.instructions} (Second edition.)`;

export const handler = serve(createAgent(defineAgent({ ...agent, instructions })));
