/**
 * What a project tests its tools and agents with, by any test runner: {@link runTool} for a tool alone, {@link startStandIn} for its
 * provider, {@link startPlatform} for everything at once, with a scripted model.
 * @module
 */

export { MODES, type Mode } from "./modes.ts";
export type { FaultsByProvider, TestPlatform, TestPlatformOptions } from "./platform.ts";
export { runTool } from "./run-tool.ts";
export {
  calls,
  type ModelRequest,
  type Replies,
  type Reply,
  replies,
  resultsIn,
  type Script,
  says,
} from "./script.ts";
export { startPlatform } from "./start-platform.ts";
export { type RunningStandIn, startStandIn } from "./start-stand-in.ts";
