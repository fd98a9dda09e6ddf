import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "check_eligibility",
  description:
    "Whether the sample policy covers a claim, and how much of it. It knows no earlier claims: the deductible and the annual limit are applied to this claim alone.",
  input: z.strictObject({
    date: z.iso.date().describe("The day of the treatment: YYYY-MM-DD."),
    category: z.string().trim().min(1).max(100).describe("Kind of treatment, such as orthopedic or dental."),
    reason: z.string().trim().min(1).max(1000).describe("What was treated, such as broken leg."),
    amount: z.number().positive().max(10_000_000).describe("The amount claimed, in US dollars."),
    placeOfService: z.string().trim().min(1).max(200).describe("Where, such as General Hospital."),
  }),
  output: z.object({
    eligible: z.boolean(),
    coverage: z.string().nullable().describe("The part of the policy that the category belongs to."),
    period: z.object({ from: z.string(), to: z.string() }).nullable(),
    terms: z
      .object({
        deductible: z.number().describe("Paid by the insured person, in US dollars."),
        coveredPercent: z.number().describe("The share that the policy pays of what exceeds the deductible."),
        annualLimit: z.number().describe("The most that the policy pays in a year, in US dollars."),
      })
      .nullable(),
    coveredAmount: z.number().describe("What the policy pays of the claimed amount, in US dollars."),
    reasons: z.array(z.string()),
    source: z.string(),
  }),
});
