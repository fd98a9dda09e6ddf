export { MODES, type Mode } from "./modes.ts";
export {
  type FaultsByProvider,
  startPlatform,
  type TestPlatform,
  type TestPlatformOptions,
} from "./platform.ts";
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
export { type RunningStandIn, startStandIn } from "./start-stand-in.ts";
