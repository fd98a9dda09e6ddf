export { type Admin, AdminError, query } from "./admin.ts";
export {
  type Deployment,
  type RegisteredService,
  readDeployments,
  readInputSchema,
  readServices,
  registerLambda,
  removeDeployment,
} from "./deployments.ts";
export { failureReason } from "./failure-reason.ts";
export {
  cancelInvocation,
  hasEnded,
  killInvocation,
  readTakenOver,
  readUnfinished,
  resumeInvocation,
} from "./invocations.ts";
export {
  hasScopes,
  limitScopes,
  readLimits,
  readScopeUse,
  readVersion,
  type ServerVersion,
  unlimitScope,
} from "./scopes.ts";
export { readStuck, type StuckRun } from "./stuck.ts";
