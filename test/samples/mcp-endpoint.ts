import { serve } from "@hono/node-server";
import { bearerTokens, createMcpEndpoint } from "fanout/mcp-server";
import { tools } from "../../functions/tools/index.ts";

const { RESTATE_INGRESS_URL = "", RESTATE_TOKEN, RESTATE_ADMIN_URL } = process.env;

const endpoint = createMcpEndpoint({
  restate: { ingressUrl: RESTATE_INGRESS_URL, token: RESTATE_TOKEN, adminUrl: RESTATE_ADMIN_URL },
  tools,
  authorize: bearerTokens([
    { token: "a-long-random-key", subject: "ann", tools: ["get_weather", "get_exchange_rate"] },
  ]),
});
serve({ fetch: endpoint.fetch, port: 3000 });
