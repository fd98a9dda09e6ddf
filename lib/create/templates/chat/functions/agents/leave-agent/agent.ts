import { defineAgent } from "fanout/agent";
import { tools } from "../../tools/index.ts";
import requestLeave from "../../tools/request_leave/tool.ts";

const reads = tools.filter(({ effect }) => effect === "read");

export default defineAgent({
  name: "LeaveAgent",
  description: "Plans days of leave around public holidays.",
  model: "openai/gpt-5.4",
  instructions: [
    "You help people to plan their leave around public holidays, with your tools.",
    "Ask for every call you can make at once in one reply: they run in parallel.",
    "When a call fails, or a person denies it, say so, and answer with what you have.",
  ].join(" "),
  // Every tool that only reads, a new one too; a tool that writes only if it is named here.
  tools: [...reads, requestLeave],
});
