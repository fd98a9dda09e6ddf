import { join } from "node:path";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { createUIMessageStreamResponse } from "ai";
import { FanoutError } from "fanout/client";
import { toUIMessageStream, toUIMessages } from "fanout/ui";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { agent, isKnown, routes } from "./routes.ts";

/** The model's text while it writes it; or `calls`, where the deployment cannot tell it. */
const events = process.env.EVENTS === "calls" ? "calls" : "text";
const PORT = Number(process.env.PORT ?? 5180);
const HERE = /^http:\/\/(localhost|127\.0\.0\.1):\d+$/;
const MAX_BODY_BYTES = 200_000;

/** A run from its first event on, whoever began it and however much of it has been shown. */
const show = (c: Context, run: string) =>
  createUIMessageStreamResponse({
    stream: toUIMessageStream(agent.watch(run, { signal: c.req.raw.signal }), { messageId: run }),
    headers: { "x-run": run },
    keepAliveMs: 15_000,
  });

/** What was said in a conversation, and which run is in progress. */
async function read(conversation: string) {
  const { history } = agent.conversation(conversation);
  const newest = await history();
  const pages = [newest];
  for (let { older } = newest; older !== undefined; older = pages[0]?.older)
    pages.unshift(await history({ page: older }));
  return { messages: pages.flatMap(toUIMessages), running: newest.running };
}

const app = new Hono();
// Only pages of this machine, by its name. Once others can reach it, `authorize` has to say who asks.
app.use(async (c, next) => {
  const host = `http://${c.req.header("host")}`;
  const isOurs = [host, c.req.header("origin") ?? host].every((origin) => HERE.test(origin));
  return isOurs ? next() : c.text("Not from there.", 403);
});
app.onError((error, c) => {
  if (error instanceof FanoutError && error.code === "bad-request") return c.text(error.message, 400);
  process.stderr.write(`${error.message}\n`);
  return c.text("The agent cannot be reached.", 502);
});
app.post("/api/chat", bodyLimit({ maxSize: MAX_BODY_BYTES }), async (c) => {
  const { conversation, id, text } = await c.req.json().catch(() => ({}));
  if ([conversation, id, text].some((one) => typeof one !== "string"))
    return c.text("Expected { conversation, id, text }.", 400);
  // Who sends a message twice, because its page was reloaded, gets the same run.
  const sent = agent.conversation(conversation).send(text, { events, idempotencyKey: id });
  return show(c, (await sent).id);
});
app.get("/api/chat/:conversation", async (c) => c.json(await read(c.req.param("conversation"))));
app.get("/api/chat/:run/stream", async (c) => {
  const id = c.req.param("run");
  return (await isKnown(id)) ? show(c, id) : c.body(null, 204);
});
// Cancelling a run and answering its questions are routes of `fanout/server`.
app.route("/api", routes);
app.get("*", serveStatic({ root: join(import.meta.dirname, "dist") }));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: PORT }, ({ port }) => {
  process.stdout.write(`The chat is at http://localhost:${port}\n`);
});
