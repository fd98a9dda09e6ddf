import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "hasty",
  description: "Goes through the test's gate if somebody approves it at once.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  approval: "always",
  expires: { seconds: 1 },
  env: { GATE_URL: "" },
});
