import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "large",
  description: "Returns many rows.",
  input: z.object({ rows: z.int() }),
  output: z.object({ rows: z.array(z.string()) }),
  maxResultBytes: 1000,
});
