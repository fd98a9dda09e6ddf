import { implementTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, () => ({ celsius: "warm" }) as never);
export const handler = serve(service);
