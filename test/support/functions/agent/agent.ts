import { defineAgent } from "../../../../lib/agent/index.ts";
import drifts from "../drifts/tool.ts";
import fails from "../fails/tool.ts";
import gate from "../gate/tool.ts";
import large from "../large/tool.ts";
import record from "../record/tool.ts";
import slow from "../slow/tool.ts";

export default defineAgent({
  name: "TestAgent",
  description: "Calls what the test's script says.",
  model: "openai/scripted",
  instructions: "Follow the script.",
  tools: [gate, slow, fails, drifts, large, record],
});
