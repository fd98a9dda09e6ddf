import type { Context } from "hono";
import type { Env } from "./access.ts";
import { badRequest } from "./refusal.ts";
import { readKey, readRunRequest } from "./run-request.ts";
import { type Service, soon } from "./service.ts";

/** `POST /runs`: begins a run, or says which one the same key has begun. */
export async function beginRun({ runs, ids, agents }: Service, c: Context<Env>): Promise<Response> {
  const key = readKey(c.req.header("idempotency-key"));
  if (typeof key === "object") return badRequest(c, key.problem);
  const request = readRunRequest(await c.req.text(), await agents());
  if ("problem" in request) return badRequest(c, request.problem);
  const subject = c.get("subject");
  const run = await runs.start(request.agent, request.input, {
    idempotencyKey: key === undefined ? undefined : ids.keyOf(subject, key),
    signal: soon(c),
  });
  return c.json({ id: ids.give(subject, run) }, 202);
}
