import * as z from "zod";
import { defineAgent } from "../../../../lib/agent/index.ts";
import gate from "../gate/tool.ts";
import guarded from "../guarded/tool.ts";

export default defineAgent({
  name: "StructuredAgent",
  description: "Answers with numbers.",
  model: "openai/scripted",
  instructions: "Count.",
  tools: [gate, guarded],
  answer: z.object({ city: z.string(), celsius: z.number() }),
});
