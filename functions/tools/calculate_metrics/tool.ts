import { defineTool } from "fanout/tool";
import * as z from "zod";
import checkEligibility from "../check_eligibility/tool.ts";
import checkFraud from "../check_fraud/tool.ts";
import compareToStandardRates from "../compare_to_standard_rates/tool.ts";

const failed = z.object({ ok: z.literal(false), error: z.string() });

/** A part's output, or why there is none. */
const outcome = <Shape extends z.ZodRawShape>(output: z.ZodObject<Shape>) =>
  z.discriminatedUnion("ok", [output.extend({ ok: z.literal(true) }), failed]);

export default defineTool({
  name: "calculate_metrics",
  description:
    "Everything that is needed to judge a claim: eligibility, standard rates and fraud signals, at once.",
  input: checkEligibility.input,
  output: z.object({
    eligibility: outcome(checkEligibility.output),
    standardRates: outcome(compareToStandardRates.output),
    fraud: outcome(checkFraud.output),
  }),
  // Longer than each part's own, so that the results of the others survive a part that is stuck.
  timeout: { seconds: 45 },
});
