import * as z from "zod";
import { defineTool } from "../../../lib/tool/index.ts";

export default defineTool({
  name: "theirs",
  description: "Is a Lambda function that exists already.",
  input: z.object({ action: z.string().default("answer") }),
  output: z.object({ answer: z.string() }),
  attempts: 2,
  timeout: { seconds: 20 },
  lambda: "their-function",
});
