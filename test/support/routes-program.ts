import { serve } from "@hono/node-server";
import { createRoutes } from "../../lib/server/index.ts";

// A server of somebody's own, which may be killed.
const [port, ingressUrl = "", adminUrl] = process.argv.slice(2);
const app = createRoutes({
  restate: { ingressUrl, adminUrl },
  agents: [{ name: "TestAgent" }],
  authorize: (request) => request.headers.get("authorization")?.replace("Bearer ", ""),
  secret: "the same on every server",
  chatCompletions: true,
});
serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, () => process.send?.("ready"));
