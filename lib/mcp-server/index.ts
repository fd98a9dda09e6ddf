/**
 * Tools and agents for MCP clients: {@link createMcpEndpoint} over HTTP, {@link serveMcpOnStdio} for a program on the same machine.
 * @module
 */

export { type Access, type AuthorizeMcp, bearerTokens } from "./bearer-tokens.ts";
export type { McpBounds } from "./bounds.ts";
export { createMcpEndpoint, type McpOptions, mcpEndpoint } from "./endpoint.ts";
export { serveMcpOnStdio } from "./stdio.ts";
