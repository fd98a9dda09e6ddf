import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, context) => {
  const told = await askGate(id, context);
  // What the gate says in place of the key breaks the contract.
  return told === "" ? { key: context.idempotencyKey } : ({ key: [told] } as never);
});
export const handler = serve(service);
