import { createAgent, defineAgent } from "../../../../lib/agent/index.ts";
import { serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

const agent = defineAgent({
  name: "WorkAgent",
  description: "Does some work.",
  model: "openai/scripted",
  instructions: "Do the work.",
  tools: [tool],
  limits: { maxTurns: 100, maxToolCalls: 1000 },
});

export const handler = serve(createAgent(agent));
