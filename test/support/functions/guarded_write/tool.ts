import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "guarded_write",
  description: "Writes at the test's gate if somebody approves it.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  effect: "write",
  approval: "always",
  env: { GATE_URL: "" },
});
