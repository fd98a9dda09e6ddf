/**
 * For tools around Fanout: the Lambda service on a laptop.
 * @module
 */

export { functionArn, LOCAL } from "./arn.ts";
export { FunctionStore } from "./function-store.ts";
export { guarded } from "./guard.ts";
export { type LambdaHost, type LambdaHostOptions, startLambdaHost } from "./host.ts";
export type { Spec } from "./spec.ts";
export type { Stats } from "./stats.ts";
export { temporaryFolder } from "./temporary-folder.ts";
export { afterDeath, signalGroup, spawnTied } from "./tied-process.ts";
