import { z } from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "gate",
  description: "Waits at the test's gate.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  env: { GATE_URL: "" },
});
