import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "notify",
  description: "Tells the test's gate which call waits for an approval.",
  input: z.object({
    run: z.string(),
    approval: z.string(),
    tool: z.string(),
    input: z.unknown(),
    seconds: z.number(),
  }),
  output: z.object({}),
  env: { GATE_URL: "" },
});
