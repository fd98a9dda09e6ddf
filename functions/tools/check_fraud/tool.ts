import { defineTool } from "fanout/tool";
import * as z from "zod";
import checkEligibility from "../check_eligibility/tool.ts";

export default defineTool({
  name: "check_fraud",
  description:
    "Looks for what makes a claim suspicious, and names it. Heuristics over the claim alone: a signal is a reason to look, no proof.",
  input: checkEligibility.input,
  output: z.object({
    risk: z.enum(["low", "medium", "high"]),
    score: z
      .number()
      .describe("The signals' points together: from 30 on the risk is medium, from 60 on high."),
    signals: z.array(z.object({ name: z.string(), points: z.number(), explanation: z.string() })),
    source: z.string(),
  }),
});
