import { fetchJson, implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import type * as z from "zod";
import tool from "./tool.ts";

type Context = ToolContext<keyof typeof tool.env>;

async function requestLeave(
  { from, to }: z.output<typeof tool.input>,
  { env, signal, idempotencyKey }: Context,
) {
  if (to < from) throw new ToolError(`The last day, ${to}, is before the first one, ${from}.`);
  return fetchJson(`${env.LEAVE_URL}/requests`, {
    provider: "The leave system",
    answer: tool.output,
    method: "POST",
    // The same for every try of one call: the system makes one request of them.
    headers: { "Idempotency-Key": idempotencyKey },
    body: { from, to },
    signal,
  });
}

export const service = implementTool(tool, requestLeave);
export const handler = serve(service);
