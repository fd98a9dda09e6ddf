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
