import { randomUUID } from "node:crypto";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import type { Contestant } from "../harness/contestant.ts";
import { setting } from "../harness/setting.ts";
import { description, work, workInput } from "./shared.ts";

/** LangChain's agent: a LangGraph graph that stores each step in Postgres while the next one runs (its default). */
export async function start(): Promise<Contestant> {
  const checkpointer = PostgresSaver.fromConnString(setting("LANGGRAPH_DATABASE_URL"));
  await checkpointer.setup();
  const model = new ChatOpenAI({
    model: "scripted",
    apiKey: "scripted",
    maxRetries: 0,
    configuration: { baseURL: setting("MODEL_URL") },
  });
  const tools = [
    tool(async (input) => JSON.stringify(await work(input)), {
      name: "work",
      description,
      schema: workInput,
    }),
  ];
  const agent = createAgent({ model, tools, checkpointer });
  return {
    async run(prompt) {
      const config = { configurable: { thread_id: randomUUID() }, recursionLimit: 300 };
      const { messages } = await agent.invoke({ messages: [{ role: "user", content: prompt }] }, config);
      return String(messages.at(-1)?.content);
    },
    stop: () => checkpointer.end(),
  };
}
