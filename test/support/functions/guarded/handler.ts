import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id, amount }, context) => {
  const told = await askGate(id, context);
  return { id, amount, ...(told !== "" && { told }) };
});
export const handler = serve(service);
