import { createSdkAgent, type SdkLoop } from "fanout/service";
import { serve } from "fanout/tool";
import { createAgent } from "langchain";
import { DurableChatModel, durableTools } from "../../langchain.ts";
import agent from "./agent.ts";

/** LangChain's agent. */
async function answer(run: SdkLoop): Promise<string> {
  const langChainAgent = createAgent({
    model: new DurableChatModel(run),
    tools: durableTools(run),
    systemPrompt: run.instructions,
  });
  const { messages } = await langChainAgent.invoke(
    { messages: [{ role: "user", content: run.message }] },
    // Two steps of the graph a turn; the run's own limit ends it well.
    { recursionLimit: 2 * agent.limits.maxTurns + 1 },
  );
  return messages.at(-1)?.text ?? "";
}

export const service = createSdkAgent(agent, answer);
export const handler = serve(service);
