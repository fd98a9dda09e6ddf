import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "composite",
  description: "Asks several tools at once.",
  input: z.object({
    ids: z.array(z.string()),
    fail: z.boolean().default(false),
    slow: z.boolean().default(false),
    native: z.enum(["all", "allSettled", "race", "any"]).optional(),
    guarded: z.array(z.string()).default([]),
    waits: z.array(z.object({ name: z.string(), ms: z.int().optional() })).default([]),
    sleepMs: z.int().optional(),
    inTurn: z.boolean().default(false),
  }),
  output: z.object({ told: z.array(z.string()) }),
});
