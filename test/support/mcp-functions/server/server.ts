import { bearerTokens, mcpEndpoint } from "../../../../lib/mcp-server/index.ts";
import { defineServer } from "../../../../lib/server/index.ts";
import gate from "../../functions/gate/tool.ts";

/** Routes for nobody, and an endpoint for MCP clients. */
export default defineServer({
  authorize: () => undefined,
  mcp: mcpEndpoint({
    tools: [gate],
    authorize: bearerTokens([{ token: "a-token-for-all-of-the-tools", subject: "ann", tools: "all" }]),
  }),
});
