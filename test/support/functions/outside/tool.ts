import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "outside",
  description: "Returns what the test's gate says, as the web would.",
  input: z.object({ id: z.string() }),
  output: z.object({ page: z.string() }),
  env: { GATE_URL: "" },
});
