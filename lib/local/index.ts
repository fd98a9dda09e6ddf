/**
 * For tools around Fanout: restate-server, the Lambda host and the sandbox, as the platform on a laptop.
 * @module
 */

export type { App } from "./app.ts";
export { type Deployed, Deployer } from "./deploy.ts";
export { type Platform, startPlatform } from "./platform.ts";
export { type RestateServer, startRestateServer } from "./restate/server.ts";
export type { RunsInFlight } from "./runs-in-flight.ts";
export type { StartObserver } from "./start-observer.ts";
