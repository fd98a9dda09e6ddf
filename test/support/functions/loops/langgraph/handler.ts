import { runGraph } from "../../../../../examples/langchain/functions/agents/claim-graph/graph.ts";
import { createSdkAgent } from "../../../../../lib/agent/service.ts";
import { serve } from "../../../../../lib/tool/index.ts";
import agent from "../../agent/agent.ts";

export const handler = serve(createSdkAgent(agent, runGraph));
