import { defineAgent } from "../../../../lib/agent/index.ts";
import gate from "../gate/tool.ts";

/** The test agent with a model to fall back on. */
export default defineAgent({
  name: "TestAgent",
  description: "Calls what the test's script says.",
  model: "openai/scripted",
  fallbacks: ["anthropic/claude-haiku-4-5"],
  instructions: "Follow the script.",
  tools: [gate],
  maxOutputTokens: 500,
});
