import { defineAgent } from "fanout/agent";
import * as z from "zod";
import parallelToolAgent from "../parallel-tool-agent/agent.ts";

export default defineAgent({
  name: "BriefingAgent",
  description: "Has another agent look things up, and answers in a fixed shape.",
  model: "openai/gpt-5.4",
  instructions:
    "Hand every question about facts to ParallelToolAgent. Then write a briefing from what it found.",
  tools: [parallelToolAgent],
  answer: z.object({
    headline: z.string().describe("The most important finding, in one sentence."),
    findings: z.array(z.string()),
  }),
  limits: { deadline: { seconds: 300 } },
});
