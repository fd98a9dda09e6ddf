import { fetchJson, implementTool, serve } from "../../../../tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ topic }, { env, signal }) =>
  fetchJson(`${env.ARCHIVE_URL}/${encodeURIComponent(topic)}`, {
    provider: "The archive",
    answer: tool.output,
    signal,
    // Its answer may be held back until something is killed.
    withinSeconds: 25,
  }),
);
export const handler = serve(service);
