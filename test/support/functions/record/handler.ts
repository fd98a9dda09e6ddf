import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, context) => {
  const told = await askGate(id, context);
  return { key: told === "drift" ? ([told] as never) : context.idempotencyKey };
});
export const handler = serve(service);
