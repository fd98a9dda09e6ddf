import { serve } from "@hono/node-server";
import { createRoutes } from "fanout/server";
import { agents } from "../../functions/agents/index.ts";

const { RESTATE_INGRESS_URL = "", RESTATE_TOKEN, RESTATE_ADMIN_URL } = process.env;
const users = new Map([["Bearer a-long-random-key", "ann"]]);

const routes = createRoutes({
  restate: { ingressUrl: RESTATE_INGRESS_URL, token: RESTATE_TOKEN, adminUrl: RESTATE_ADMIN_URL },
  agents,
  authorize: (request) => users.get(request.headers.get("authorization") ?? ""),
});
serve({ fetch: routes.fetch, port: 3000 });
