import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { createUIMessageStreamResponse } from "ai";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { toUIMessageStream } from "../../lib/ui/index.ts";
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
    keepAliveMs: 15_000,
  });

const app = new Hono();
// Only pages of this machine, by its name. Once others can reach it, `authorize` has to say who asks.
app.use(async (c, next) => {
  const host = `http://${c.req.header("host")}`;
  const isOurs = [host, c.req.header("origin") ?? host].every((origin) => HERE.test(origin));
  return isOurs ? next() : c.text("Not from there.", 403);
});
app.onError((error, c) => {
  process.stderr.write(`${error.message}\n`);
  return c.text("The agent cannot be reached.", 502);
});
app.post("/api/chat", bodyLimit({ maxSize: MAX_BODY_BYTES }), async (c) => {
  const { id, text } = await c.req.json().catch(() => ({}));
  if (typeof id !== "string" || typeof text !== "string") return c.text("Expected { id, text }.", 400);
  // Who sends a message twice, because its page was reloaded, gets the same run.
  const { id: run } = await agent.start(text, { events, idempotencyKey: id });
  return show(c, run);
});
app.get("/api/chat/:run/stream", async (c) => {
  const id = c.req.param("run");
  return (await isKnown(id)) ? show(c, id) : c.body(null, 204);
});
// Cancelling a run and answering its questions are routes of `fanout/server`.
app.route("/api", routes);
app.get("*", serveStatic({ root: "dist" }));

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: PORT }, ({ port }) => {
  process.stdout.write(`The chat is at http://localhost:${port}\n`);
});
