import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "ample",
  description: "Waits at the test's gate, fifty calls at a time.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  // Many calls queue for it, on a machine that starts many functions at the same time.
  timeout: { seconds: 120 },
  scaling: { maxConcurrency: 50 },
  env: { GATE_URL: "" },
});
