import { bearerTokens, mcpEndpoint } from "../../../../lib/mcp-server/index.ts";
import { defineServer } from "../../../../lib/server/index.ts";
import gate from "../gate/tool.ts";

/** The bearer token is the subject. */
export default defineServer({
  authorize: (request) => request.headers.get("authorization")?.replace("Bearer ", ""),
  chatCompletions: true,
  mcp: mcpEndpoint({
    tools: [gate],
    authorize: bearerTokens([{ token: "a-token-for-all-of-the-tools", subject: "ann", tools: "all" }]),
  }),
});
