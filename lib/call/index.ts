export {
  type Approval,
  type ApprovedCall,
  type Ask,
  approvalId,
  ask,
  askFor,
  needsApproval,
  timeoutWithApproval,
} from "./approval.ts";
export { callBounds } from "./bounds.ts";
export { callField, callHeader, ignoreCallHeader } from "./call-header.ts";
export { callTool } from "./call-tool.ts";
export type { ApprovalPolicy, Callee } from "./callee.ts";
export { isCancelled, isCancelledFirst, LISTENING, orCancelled } from "./cancellation.ts";
export { DurableCall } from "./durable-call.ts";
export { durableStep } from "./durable-step.ts";
export { logCall } from "./log-call.ts";
export { callOrigin, continuationHeader } from "./origin.ts";
export {
  type CallReport,
  type CallResult,
  type CallStatus,
  callEntry,
  callFailure,
  courseOf,
  isLate,
  readReport,
  reportSerde,
  spanOf,
  type Usage,
  usage,
} from "./report.ts";
export { CALL_APPROVED, TOPIC } from "./run-object.ts";
export { SCOPES } from "./scope.ts";
export { cancelAll, settleTogether } from "./settle-together.ts";
export { refuseIfSwitchedOff, SWITCHED_OFF } from "./switched-off.ts";
export { type EndedCall, isToldOf, tellCall } from "./telemetry.ts";
export { aboveAttempts, aboveRun, runSpan } from "./trace.ts";
