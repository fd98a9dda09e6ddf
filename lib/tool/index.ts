/**
 * What a tool's folder uses: {@link defineTool} for its contract, {@link implementTool} and {@link serve} for its function, {@link composeTool}
 * for a tool of other tools, {@link fetchJson} and {@link ToolError} for its provider. The rest is for what deploys and runs tools.
 * @module
 */

export { composeTool, type Parts } from "./compose.ts";
// What deploys and runs it.
export {
  ABORT_MARGIN_SECONDS,
  DEFAULT_EXPIRES_SECONDS,
  defineTool,
  MAX_TIMEOUT_SECONDS,
  scalingBounds,
  type Tool,
  type ToolDefinition,
} from "./contract.ts";
export { ToolError } from "./error.ts";
export { fetchJson, type JsonRequest } from "./http.ts";
export { type Implemented, implementTool, madeOf } from "./implement.ts";
export {
  DEPLOYMENT,
  LAMBDA_ENDPOINT,
  type LambdaReference,
  parseLambdaReference,
} from "./lambda-reference.ts";
export { readOutput } from "./output.ts";
export type { ToolContext } from "./perform.ts";
export { serve, servedWith } from "./serve.ts";
