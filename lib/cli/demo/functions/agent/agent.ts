import { defineAgent } from "../../../../agent/index.ts";
import lookUp from "../look_up/tool.ts";
import sendNote from "../send_note/tool.ts";

export default defineAgent({
  name: "CrashDemoAgent",
  description: "Looks things up and sends a note, whatever is killed meanwhile.",
  model: "openai/scripted",
  instructions: "Follow the script.",
  tools: [lookUp, sendNote],
});
