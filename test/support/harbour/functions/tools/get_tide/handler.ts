import { fetchJson, implementTool, serve, ToolError } from "fanout/tool";
import * as z from "zod";
import tool from "./tool.ts";

const tides = z.object({ high: z.string().nullable() });

export const service = implementTool(tool, async ({ harbour }, { env, secrets, signal }) => {
  const { high } = await fetchJson(`${env.TIDES_URL}/tides/${encodeURIComponent(harbour)}`, {
    provider: "Tides",
    answer: tides,
    headers: { authorization: `Bearer ${secrets.TIDES_KEY}` },
    signal,
  });
  if (high === null) throw new ToolError(`No harbour is called "${harbour}".`);
  return { harbour, high };
});
export const handler = serve(service);
