import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "steps",
  description: "Adds numbers in durable steps of one function.",
  input: z.object({ numbers: z.array(z.number()), gated: z.string().optional() }),
  output: z.object({ doubled: z.array(z.number()) }),
});
