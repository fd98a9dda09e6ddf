import { fetchJson, implementTool, serve } from "../../../../tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ text }, { env, signal, idempotencyKey }) =>
  // The same for every attempt of this call, so that a note which is sent twice is recognised.
  fetchJson(`${env.MAILBOX_URL}/notes/${encodeURIComponent(idempotencyKey)}`, {
    provider: "The mailbox",
    method: "PUT",
    body: { text },
    answer: tool.output,
    signal,
  }),
);
export const handler = serve(service);
