import { connectToRoutes } from "fanout/client";
import type parallelToolAgent from "../../functions/agents/parallel-tool-agent/agent.ts";

const { agent } = connectToRoutes({ url: "http://127.0.0.1:9003" });
const helper = agent<typeof parallelToolAgent>("ParallelToolAgent");

const { id } = await helper.start("What is the weather in Tokyo and London?", { events: "calls" });
for await (const { event } of helper.watch(id))
  if (event.type === "call-issued" && event.tool === "get_weather") console.log(event.input.city);
const { answer } = await helper.result(id);
console.log(answer);
