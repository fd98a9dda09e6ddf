import { createSdkAgent } from "fanout/service";
import { serve } from "fanout/tool";
import { runLangChainAgent } from "../../langchain.ts";
import agent from "./agent.ts";

export const service = createSdkAgent(agent, runLangChainAgent);
export const handler = serve(service);
