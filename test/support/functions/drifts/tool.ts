import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "drifts",
  description: "Returns something else than its contract says.",
  input: z.object({}),
  output: z.object({ celsius: z.number() }),
});
