import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "gate",
  description: "Waits at the test's gate and returns what it is told there.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), told: z.string().optional() }),
  // Long enough, on a busy machine, for what a test does while it holds calls.
  timeout: { seconds: 120 },
  env: { GATE_URL: "" },
});
