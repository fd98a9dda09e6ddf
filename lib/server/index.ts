export type { AnswerRequest, Authorize, MayAnswer } from "./authorize.ts";
export type { Bounds } from "./bounds.ts";
export { defineServer, type ServerDefinition } from "./define-server.ts";
export { createRoutes, type RoutesOptions } from "./routes.ts";
