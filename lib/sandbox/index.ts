export type { SandboxEnvironment } from "./environment.ts";
export { type Fault, type Faults, parseFault } from "./faults.ts";
export { type Loopback, serveOnLoopback } from "./loopback.ts";
export type { ModelScript } from "./models.ts";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";
export { isModel, type UpstreamName, upstreamNames } from "./upstream.ts";
export type { CaughtMail } from "./upstreams/smtp.ts";
