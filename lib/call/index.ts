export { callBounds } from "./bounds.ts";
export { callTool } from "./call-tool.ts";
export { type Callee, DurableCall } from "./durable-call.ts";
export { durableStep } from "./durable-step.ts";
export { ignoreInnerHeaders } from "./headers.ts";
export { logCall } from "./log-call.ts";
export { callOrigin } from "./origin.ts";
export {
  type CallReport,
  type CallResult,
  type CallStatus,
  callEntry,
  callFailure,
  callReport,
  courseOf,
  spanOf,
  type Usage,
  usage,
} from "./report.ts";
export { SCOPES } from "./scope.ts";
export { settleTogether } from "./settle-together.ts";
