import { defineTool } from "../../../lib/tool/index.ts";
import theirs from "./theirs.ts";

export default defineTool({
  name: "missing",
  description: "Does not exist.",
  input: theirs.input,
  output: theirs.output,
  attempts: 2,
  lambda: "their-missing-function",
});
