import { createHmac } from "node:crypto";
import type { Context, Hono, MiddlewareHandler } from "hono";
import * as z from "zod";
import { FanoutError, isConversationId, type StartOptions } from "../client/index.ts";
import { type Env, jsonOnly } from "./access.ts";
import { badRequest, noConversation } from "./refusal.ts";
import { readBody, readCount, readKey, readMessage } from "./run-request.ts";
import { type Service, soon } from "./service.ts";

const ID_EXPECTED = "expected 1 to 200 characters without spaces";

/** A conversation of the one who asks. */
interface Own {
  /** How something is done once, however often it is asked for. */
  once: StartOptions;
  /** The conversation with an agent, as the client knows it. */
  with: (agent: string) => { agent: string; id: string };
}

type Work = (service: Service, c: Context<Env>, own: Own) => Promise<Response>;

/** Adds the routes of conversations. @param bounds of what begins runs, and of bodies. */
export function addConversations(
  app: Hono<Env>,
  service: Service,
  { begins, limit }: Record<"begins" | "limit", MiddlewareHandler<Env>>,
): void {
  const own = (work: Work) => ofOwnConversation(service, work);
  const path = "/conversations/:id";
  app.post(path, jsonOnly, begins, limit, own(sendMessage));
  app.get(path, own(readHistory));
  app.post(`${path}/interrupt`, jsonOnly, limit, own(interruptRun));
  app.post(`${path}/reset`, jsonOnly, limit, own(resetConversation));
  app.post(`${path}/fork`, jsonOnly, begins, limit, own(forkConversation));
}

/** Makes a route of what is done with a conversation of the one who asks. */
const ofOwnConversation =
  (service: Service, work: Work) =>
  async (c: Context<Env>): Promise<Response> => {
    const id = c.req.param("id") ?? "";
    if (!isConversationId(id)) return badRequest(c, `id: ${ID_EXPECTED}.`);
    const key = readKey(c.req.header("idempotency-key"));
    if (typeof key === "object") return badRequest(c, key.problem);
    const subject = c.get("subject");
    const idempotencyKey = key === undefined ? undefined : service.ids.keyOf(subject, key);
    const own = keyOf(service, subject, id);
    try {
      return await work(service, c, {
        once: { idempotencyKey, signal: soon(c) },
        with: (agent) => ({ agent, id: own }),
      });
    } catch (error) {
      // Its words name the address of Restate.
      if (error instanceof FanoutError && error.code === "not-found") return noConversation(c);
      throw error;
    }
  };

/**
 * The virtual object's key: nobody can name one that is another subject's. It needs a secret only to tell servers apart whose subjects
 * are others', and outlives the token, unlike the ids of runs.
 */
const keyOf = ({ conversationSecret }: Service, subject: string, id: string): string =>
  createHmac("sha256", conversationSecret)
    .update(JSON.stringify(["conversation", subject, id]))
    .digest("base64url");

/** `POST /conversations/:id`: begins the run that answers a message, or says which one the same key has begun. */
async function sendMessage(
  { conversations, ids, agents }: Service,
  c: Context<Env>,
  own: Own,
): Promise<Response> {
  const message = readMessage(await c.req.text(), await agents());
  if ("problem" in message) return badRequest(c, message.problem);
  const { agent, input, interrupt } = message;
  const run = await conversations.send(own.with(agent), input, { ...own.once, interrupt });
  return c.json({ id: ids.give(c.get("subject"), run) }, 202);
}

/** `GET /conversations/:id`: what was said, with the ids of runs as the subject knows them. */
async function readHistory(
  { conversations, ids, agents }: Service,
  c: Context<Env>,
  own: Own,
): Promise<Response> {
  const read = readBody(z.object({ agent: z.enum(await agents()) }), JSON.stringify(c.req.query()));
  if ("problem" in read) return badRequest(c, read.problem);
  const page = readCount(c.req.query("page"));
  if (page === undefined && c.req.query("page") !== undefined)
    return badRequest(c, "page: expected a whole number from 0, as `older` gives it.");
  const history = await conversations.history(own.with(read.body.agent), page, soon(c));
  const give = (run: string) => ids.give(c.get("subject"), run);
  return c.json({
    ...history,
    messages: history.messages.map((message) =>
      message.role === "user" && message.run !== undefined ? { ...message, run: give(message.run) } : message,
    ),
    ...(history.running !== undefined && { running: give(history.running) }),
  });
}

/** `POST /conversations/:id/interrupt`: asks the run in progress to end, and says which one that was. */
async function interruptRun(service: Service, c: Context<Env>, own: Own): Promise<Response> {
  const read = readBody(await agentBody(service), await c.req.text());
  if ("problem" in read) return badRequest(c, read.problem);
  const of = own.with(read.body.agent);
  const run = await service.conversations.interrupt(of, own.once);
  return c.json({ id: run === null ? null : service.ids.give(c.get("subject"), run) }, 202);
}

/** `POST /conversations/:id/reset`: the id is one to wait for as for a run's. */
async function resetConversation(service: Service, c: Context<Env>, own: Own): Promise<Response> {
  const read = readBody(await agentBody(service), await c.req.text());
  if ("problem" in read) return badRequest(c, read.problem);
  const of = own.with(read.body.agent);
  const reset = await service.conversations.reset(of, own.once);
  return c.json({ id: service.ids.give(c.get("subject"), reset) }, 202);
}

/** `POST /conversations/:id/fork`: into another one of the same subject. */
async function forkConversation(service: Service, c: Context<Env>, own: Own): Promise<Response> {
  const id = z.string().refine(isConversationId, ID_EXPECTED);
  const read = readBody((await agentBody(service)).extend({ to: id }), await c.req.text());
  if ("problem" in read) return badRequest(c, read.problem);
  const { agent, to } = read.body;
  const key = keyOf(service, c.get("subject"), to);
  try {
    await service.conversations.fork(own.with(agent), key, own.once);
  } catch (error) {
    if (!(error instanceof FanoutError) || error.code !== "bad-request") throw error;
    return badRequest(c, `to: expected a new conversation, ${JSON.stringify(to)} is not empty.`);
  }
  return c.json({ id: to }, 201);
}

/** What a body says that names the agent only. */
const agentBody = async ({ agents }: Service) => z.strictObject({ agent: z.enum(await agents()) });
