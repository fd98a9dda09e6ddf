import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "record",
  description: "Writes an entry at the test's gate.",
  input: z.object({ id: z.string() }),
  output: z.object({ key: z.string() }),
  effect: "write",
  env: { GATE_URL: "" },
});
