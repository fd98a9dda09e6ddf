import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "guarded",
  description: "Goes through the test's gate if somebody approves it.",
  input: z.object({ id: z.string(), amount: z.int().default(1) }),
  output: z.object({ id: z.string(), amount: z.int(), told: z.string().optional() }),
  approval: ({ amount }) => amount > 0,
  env: { GATE_URL: "" },
});
