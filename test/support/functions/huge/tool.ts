import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "huge",
  description: "Returns a lot of text.",
  input: z.object({ megabytes: z.number(), seed: z.int().default(0) }),
  output: z.object({ text: z.string() }),
});
