import { setTimeout as sleep } from "node:timers/promises";
import tool from "../../../functions/tools/check_fraud/tool.ts";
import { implementTool, serve, ToolError } from "../../../lib/tool/index.ts";

/** Stands in for check_fraud: fails, or takes longer than anybody waits. */
export const service = implementTool(tool, async ({ reason }, { signal }) => {
  if (reason === "stuck") await sleep(60_000, undefined, { signal });
  throw new ToolError("The fraud heuristics are being updated.");
});
export const handler = serve(service);
