import { AIMessage, SystemMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createSdkAgent, type SdkLoop } from "fanout/service";
import { serve } from "fanout/tool";
import { DurableChatModel, durableTools } from "../../langchain.ts";
import agent from "./agent.ts";

/** A graph of LangGraph's that is a loop: the model, its calls, the model again. */
async function answer(run: SdkLoop): Promise<string> {
  const tools = durableTools(run);
  const model = new DurableChatModel(run).bindTools(tools);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({
      messages: [await model.invoke([new SystemMessage(run.instructions), ...messages])],
    }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges("model", ({ messages }) => (asksForCalls(messages.at(-1)) ? "tools" : END))
    .addEdge("tools", "model")
    .compile();
  const { messages } = await graph.invoke(
    { messages: [{ role: "user", content: run.message }] },
    { recursionLimit: 2 * agent.limits.maxTurns + 1 },
  );
  return messages.at(-1)?.text ?? "";
}

const asksForCalls = (message: unknown) =>
  AIMessage.isInstance(message) && (message.tool_calls?.length ?? 0) > 0;

export const service = createSdkAgent(agent, answer);
export const handler = serve(service);
