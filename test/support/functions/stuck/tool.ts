import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "stuck",
  description: "Fails twice when the test's gate refuses it, and is paused then.",
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string() }),
  env: { GATE_URL: "" },
});
