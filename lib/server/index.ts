export type { Authorize } from "./authorize.ts";
export type { Bounds } from "./bounds.ts";
export { createRoutes, type RoutesOptions } from "./routes.ts";
