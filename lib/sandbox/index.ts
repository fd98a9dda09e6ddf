export { type Fault, type Faults, parseFault } from "./faults.ts";
export { type Loopback, serveOnLoopback } from "./loopback.ts";
export type { ModelScript } from "./models.ts";
export { type Found, NEXT_REQUEST, sentencesOf, type Words } from "./planner/words.ts";
export { upstreamsOf } from "./providers.ts";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";
export { defineStandIn, type RunningServer, SANDBOX_KEY, type StandIn, type StandIns } from "./stand-in.ts";
export type { TroubleStatus, Turn } from "./upstream.ts";
