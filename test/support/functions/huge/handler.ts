import { implementTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ megabytes, seed }) => ({
  text: `${seed} `.repeat((megabytes * 1_000_000) / `${seed} `.length),
}));
export const handler = serve(service);
