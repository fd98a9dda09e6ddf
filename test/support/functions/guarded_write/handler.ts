import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, context) => {
  await askGate(id, context);
  return { id };
});
export const handler = serve(service);
