import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "narrow",
  description: "Waits at the test's gate, three calls at a time, whatever its signal says.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  attempts: 1,
  scaling: { maxConcurrency: 3 },
  env: { GATE_URL: "" },
});
