import * as z from "zod";
import { defineTool, implementTool, serve } from "../../../../lib/tool/index.ts";

/** One of many tools with the same code: each is called like its function. */
const tool = defineTool({
  name: String(process.env.AWS_LAMBDA_FUNCTION_NAME).replace("fanout-dev-", ""),
  description: "One of many.",
  input: z.object({}),
  output: z.object({ name: z.string() }),
});
export const service = implementTool(tool, () => ({ name: tool.name }));
export const handler = serve(service);
