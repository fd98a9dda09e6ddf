export type { AnswerRequest, Authorize, MayAnswer } from "./authorize.ts";
export { bearerKeys } from "./bearer-keys.ts";
export type { Bounds } from "./bounds.ts";
export type { ChatCompletions } from "./chat-completions/index.ts";
export { defineServer, type ServerDefinition } from "./define-server.ts";
export { createRoutes, type RoutesOptions } from "./routes.ts";
