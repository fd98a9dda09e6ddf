import { defineTool } from "fanout/tool";
import * as z from "zod";
import checkEligibility from "../check_eligibility/tool.ts";

export default defineTool({
  name: "compare_to_standard_rates",
  description: "Compares a claim's amount with the usual range for its reason and place. Sample rates.",
  input: checkEligibility.input,
  output: z.object({
    procedure: z.string().nullable().describe("The row of the rate table; null if none fits."),
    place: z.string().nullable().describe("The kind of place; null if it is not known."),
    range: z.object({ low: z.number(), high: z.number() }).nullable().describe("In US dollars."),
    position: z.enum(["below", "within", "above", "unknown"]),
    percentOfHigh: z.number().nullable().describe("The claimed amount in percent of the range's upper end."),
    reasons: z.array(z.string()),
    source: z.string(),
  }),
});
