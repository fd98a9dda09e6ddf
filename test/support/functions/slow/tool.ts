import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "slow",
  description: "Waits at the test's gate for a second at most.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  timeout: { seconds: 1 },
  attempts: 1,
  env: { GATE_URL: "" },
});
