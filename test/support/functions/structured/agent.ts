import * as z from "zod";
import { defineAgent } from "../../../../lib/agent/index.ts";
import gate from "../gate/tool.ts";

export default defineAgent({
  name: "StructuredAgent",
  description: "Answers with numbers.",
  model: "openai/scripted",
  instructions: "Count.",
  tools: [gate],
  answer: z.object({ city: z.string(), celsius: z.number() }),
});
