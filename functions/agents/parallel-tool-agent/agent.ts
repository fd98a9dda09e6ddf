import { defineAgent } from "fanout/agent";
import { tools } from "../../tools/index.ts";
import sendEmail from "../../tools/send_email/tool.ts";

/** These belong to ParallelToolClaimAgent: otherwise the model would have to choose between a check and its composite. */
const CLAIM_TOOLS = ["calculate_metrics", "check_eligibility", "check_fraud", "compare_to_standard_rates"];
const reads = tools.filter(({ name, effect }) => effect === "read" && !CLAIM_TOOLS.includes(name));

export default defineAgent({
  name: "ParallelToolAgent",
  description: "Answers a question by calling every useful tool at the same time.",
  model: "openai/gpt-5.4",
  instructions: [
    "You are a helpful assistant with tools.",
    "Ask for every call you can make at once in one reply: they run in parallel.",
    "When a call fails, say so, and answer with what you have.",
  ].join(" "),
  // Every tool that reads; a tool that writes only if it is named here.
  tools: [...reads, sendEmail],
  limits: { maxTurns: 10 },
});
