import { defineAgent } from "fanout/agent";
import { tools } from "../../tools/index.ts";

export default defineAgent({
  name: "HolidayAgent",
  // What other agents decide by when this one is their tool.
  description: "Answers questions about public holidays.",
  model: "openai/gpt-5.4",
  // The system prompt.
  instructions: [
    "You answer questions about public holidays with your tools, and with nothing else.",
    "Ask for every call you can make at once in one reply: they run in parallel.",
    "When a call fails, say so, and answer with what you have.",
  ].join(" "),
  // Every tool that only reads, a new one too. One that writes has to be named: [...reads, sendEmail].
  tools: tools.filter(({ effect }) => effect === "read"),
});
