import { defineTool } from "../../../lib/tool/index.ts";
import theirs from "./theirs.ts";

export default defineTool({
  name: "hurried",
  description: "Waits for a second at most.",
  input: theirs.input,
  output: theirs.output,
  attempts: 1,
  timeout: { seconds: 1 },
  lambda: "their-function",
});
