import { implementTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, { env, signal, idempotencyKey }) => {
  await fetch(`${env.GATE_URL}/${id}`, { method: "POST", signal });
  return { key: idempotencyKey };
});
export const handler = serve(service);
