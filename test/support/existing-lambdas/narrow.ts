import { defineTool } from "../../../lib/tool/index.ts";
import theirs from "./theirs.ts";

export default defineTool({
  name: "narrow",
  description: "Runs one at a time.",
  input: theirs.input,
  output: theirs.output,
  attempts: 10,
  lambda: "their-narrow-function:1",
});
