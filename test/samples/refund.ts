import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "refund",
  description: "Pays a customer's money back.",
  input: z.object({ order: z.string(), amount: z.number().positive() }),
  output: z.object({ receipt: z.string() }),
  effect: "write",
  // Or "always". It depends on the input alone.
  approval: ({ amount }) => amount > 100,
  expires: { seconds: 3 * 86_400 },
});
