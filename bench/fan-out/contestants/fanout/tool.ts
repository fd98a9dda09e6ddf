import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "work",
  description: "Does some work.",
  input: z.object({ i: z.number(), ms: z.number() }),
  output: z.object({ i: z.number() }),
  env: { TOOL_URL: "" },
});
