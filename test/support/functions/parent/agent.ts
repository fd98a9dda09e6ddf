import { defineAgent } from "../../../../lib/agent/index.ts";
import testAgent from "../agent/agent.ts";
import gate from "../gate/tool.ts";
import structured from "../structured/agent.ts";

export default defineAgent({
  name: "ParentAgent",
  description: "Hands work to another agent.",
  model: "openai/scripted",
  models: ["openai/gpt-5.4-mini"],
  instructions: "You are the parent.",
  tools: [testAgent, structured, gate],
});
