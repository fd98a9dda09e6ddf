export { type Access, type AuthorizeMcp, bearerTokens } from "./bearer-tokens.ts";
export type { McpBounds } from "./bounds.ts";
export { createMcpEndpoint, type McpOptions, mcpEndpoint } from "./endpoint.ts";
export { serveMcpOnStdio } from "./stdio.ts";
