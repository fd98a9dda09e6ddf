import type { Context, Hono, MiddlewareHandler } from "hono";
import type { EventMode } from "../../events/index.ts";
import { type Env, jsonOnly } from "../access.ts";
import { tooManyStreams } from "../refusal.ts";
import { readKey } from "../run-request.ts";
import { type Service, soon } from "../service.ts";
import { readChatRequest } from "./chat-request.ts";
import { failureOf, invalid, refuse, unknownModel, unknownUrl } from "./errors.ts";
import { streamAnswer } from "./streamed-answer.ts";
import { answerWhole } from "./whole-answer.ts";

/** How agents are models of OpenAI's API. */
export interface ChatCompletions {
  /**
   * Whether the deployment gives its agents the ingress, so that a run may be asked for `events: "text"`: then a stream has the model's
   * text while it is written. Default: false, and a stream has each turn's text at the end of the turn.
   */
  liveText?: boolean | undefined;
}

/** Adds the routes of OpenAI's API. @param bounds of what begins runs, and of bodies. */
export function addChatCompletions(
  app: Hono<Env>,
  service: Service,
  { liveText, begins, limit }: ChatCompletions & Record<"begins" | "limit", MiddlewareHandler<Env>>,
): void {
  const events = liveText ? "text" : "turns";
  app.post("/v1/chat/completions", jsonOnly, begins, limit, (c) => complete(service, c, events));
  app.get("/v1/models", async (c) => c.json({ object: "list", data: (await service.agents()).map(toModel) }));
  app.get("/v1/models/:id", async (c) => {
    const agents = await service.agents();
    const id = c.req.param("id");
    return agents.includes(id) ? c.json(toModel(id)) : unknownModel(c, id, agents);
  });
  app.all("/v1/*", unknownUrl);
}

/** When an agent was made, nobody knows here. */
const toModel = (id: string) => ({ id, object: "model", created: 0, owned_by: "fanout" });

/** `POST /v1/chat/completions`: begins a run, or finds the one that the same key has begun, and answers with its answer. */
async function complete(service: Service, c: Context<Env>, events: EventMode): Promise<Response> {
  const { ids, runs } = service;
  const key = readKey(c.req.header("idempotency-key"));
  if (typeof key === "object") return invalid(c, key);
  const request = readChatRequest(await c.req.text());
  if ("problem" in request) return invalid(c, request);
  const { model, input, stream, includeUsage } = request;
  const agents = await service.agents();
  if (!agents.includes(model)) return unknownModel(c, model, agents);
  const subject = c.get("subject");
  // Before the run begins: whoever is refused asks again.
  const leave = service.places.take(subject);
  if (!leave) return tooManyStreams(c);
  try {
    const idempotencyKey = key === undefined ? undefined : ids.keyOf(subject, key);
    const watched = { ...input, ...(stream && { events }) };
    const run = await runs.start(model, watched, { idempotencyKey, signal: soon(c) });
    const id = ids.give(subject, run);
    // The first is what this project's users look for, the second is what OpenAI's clients show.
    for (const name of ["x-fanout-run", "x-request-id"]) c.header(name, id);
    return await (stream ? streamAnswer : answerWhole)(service, c, { run, id, model, includeUsage, leave });
  } catch (error) {
    leave();
    // Nobody reads it.
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 });
    const failure = failureOf(error);
    if (!failure) throw error;
    return refuse(c, failure.status, failure.error);
  }
}
