import type { StackSettingsOf } from "fanout/stack";

/**
 * What your account asks of everything in the stack, which may depend on `project`, `stage` and `tier`: `tags`,
 * `permissionsBoundary` (a policy's name or ARN), `logKeyArn`, `logRetention`, a `canary`, a question that is asked again
 * and again, with an alarm for when there is no answer, `approvalNotifier`, the tool that is told which calls wait for an
 * approval, `exposedTools`, the tools that may be called from outside any run, as MCP clients do, and `server`, how the routes are
 * served. For example
 * `({ stage }) => ({ tags: { team: "support", stage }, permissionsBoundary: "developers" })`.
 */
export const stack: StackSettingsOf = () => ({});
