import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, context) => ({ page: await askGate(id, context) }));
export const handler = serve(service);
