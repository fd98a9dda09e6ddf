/**
 * Stand-ins for the world outside, for a laptop and for tests: {@link defineStandIn} for a tool's provider. The rest is for what starts
 * them.
 * @module
 */

export { type Fault, parseFault } from "./faults.ts";
export { type Loopback, serveOnLoopback } from "./loopback.ts";
export type { ModelScript } from "./models.ts";
export { planner } from "./planner/planner.ts";
export { type Found, NEXT_REQUEST, sentencesOf, type Words } from "./planner/words.ts";
export { upstreamsOf } from "./providers.ts";
export { type Sandbox, startSandbox } from "./sandbox.ts";
export { defineStandIn, SANDBOX_KEY, type StandIn, type StandIns } from "./stand-in.ts";
export type { Turn } from "./upstream.ts";
