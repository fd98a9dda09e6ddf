import { defineTool } from "../../../lib/tool/index.ts";
import theirs from "./theirs.ts";

export default defineTool({
  name: "written",
  description: "Writes something.",
  input: theirs.input,
  output: theirs.output,
  effect: "write",
  lambda: "their-function",
});
