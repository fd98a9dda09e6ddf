import { implementTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ rows }) => ({
  rows: Array.from({ length: rows }, (_, index) => `row ${index}`),
}));
export const handler = serve(service);
