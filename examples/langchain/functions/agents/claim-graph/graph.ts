import { AIMessage, SystemMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { SdkLoop } from "fanout/service";
import { DurableChatModel, durableTools, stepsOf } from "../../langchain.ts";

/** A graph of one's own that is a loop: the model, its calls, the model again. */
export async function runGraph(run: SdkLoop): Promise<string> {
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
    { recursionLimit: stepsOf(run) },
  );
  return messages.at(-1)?.text ?? "";
}

const asksForCalls = (message: unknown) =>
  AIMessage.isInstance(message) && (message.tool_calls?.length ?? 0) > 0;
