import { defineAgent } from "fanout/agent";
import getTide from "../../tools/get_tide/tool.ts";

export default defineAgent({
  name: "HarbourAgent",
  description: "Knows the tides.",
  model: "openai/gpt-5.4",
  instructions: "Say when the water is high.",
  tools: [getTide],
});
