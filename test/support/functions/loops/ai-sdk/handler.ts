import { createSdkAgent, runAiSdkLoop } from "../../../../../lib/agent/service.ts";
import { serve } from "../../../../../lib/tool/index.ts";
import agent from "../../agent/agent.ts";

export const handler = serve(createSdkAgent(agent, (run) => runAiSdkLoop(run)));
