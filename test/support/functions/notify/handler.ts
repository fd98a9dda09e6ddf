import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ tool: name }, context) => {
  await askGate(`told of ${name}`, context);
  return {};
});
export const handler = serve(service);
