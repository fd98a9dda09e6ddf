import { implementTool, serve } from "../../../../lib/tool/index.ts";
import { askGate } from "../ask-gate.ts";
import tool from "./tool.ts";

/** Goes on waiting even when it is told to stop. */
const deaf = new AbortController().signal;

export const service = implementTool(tool, async ({ id }, context) => {
  await askGate(id, { ...context, signal: deaf });
  return { id };
});
export const handler = serve(service);
