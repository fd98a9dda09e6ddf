import { defineAgent } from "../../../lib/agent/index.ts";
import { tools } from "../../tools/index.ts";

export default defineAgent({
  name: "ParallelToolAgent",
  description: "Answers a question by calling every useful tool at the same time.",
  model: "openai/gpt-5.4",
  instructions: [
    "You are a helpful assistant with tools.",
    "Ask for every call you can make at once in one reply: they run in parallel.",
    "When a call fails, say so, and answer with what you have.",
  ].join(" "),
  tools,
  limits: { maxTurns: 10 },
});
