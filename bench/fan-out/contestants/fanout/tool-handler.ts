import { implementTool, serve, type ToolContext } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

async function run(
  { i, ms }: { i: number; ms: number },
  { signal, env }: ToolContext<"TOOL_URL">,
): Promise<{ i: number }> {
  const response = await fetch(`${env.TOOL_URL}/work?i=${i}&ms=${ms}`, { signal });
  if (!response.ok) throw new Error(`the tool's server answered ${response.status}`);
  return (await response.json()) as { i: number };
}

export const handler = serve(implementTool(tool, run));
