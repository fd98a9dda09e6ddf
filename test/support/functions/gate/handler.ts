import { implementTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ id }, { env, signal }) => {
  await fetch(`${env.GATE_URL}/${id}`, { method: "POST", signal });
  return { id };
});
export const handler = serve(service);
