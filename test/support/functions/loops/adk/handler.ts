import { runAdkAgent } from "../../../../../examples/adk/functions/adk.ts";
import { createSdkAgent } from "../../../../../lib/agent/service.ts";
import { serve } from "../../../../../lib/tool/index.ts";
import agent from "../../agent/agent.ts";

export const handler = serve(createSdkAgent({ ...agent, model: "google/scripted", models: [] }, runAdkAgent));
