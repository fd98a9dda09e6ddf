import { implementTool, serve } from "../../../../../lib/tool/index.ts";
import { askGate } from "../../ask-gate.ts";
import tool from "../../gate/tool.ts";

export const service = implementTool(tool, async ({ id }, context) => {
  await askGate(id, context);
  return { id, told: "by the second edition" };
});
export const handler = serve(service);
