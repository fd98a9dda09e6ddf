/**
 * The routes by which users reach their runs: {@link createRoutes} on a server of your own, {@link defineServer} on a Lambda function
 * URL.
 * @module
 */

// What the other endpoint for users, `fanout/mcp-server`, stands on.
export { atMost } from "./access.ts";
export type { AnswerRequest, Authorize, MayAnswer } from "./authorize.ts";
export { bearerKeys } from "./bearer-keys.ts";
export { type Bounds, Places } from "./bounds.ts";
export type { ChatCompletions } from "./chat-completions/index.ts";
export { defineServer, type ServedPlace, type ServerDefinition } from "./define-server.ts";
export { tooLarge, tooManyStreams } from "./refusal.ts";
export { createRoutes, type RoutesOptions } from "./routes.ts";
export { RunIds } from "./run-id.ts";
export { secretOf } from "./secret.ts";
