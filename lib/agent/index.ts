// What an agent's folder uses.
export { createAgent } from "./agent.ts";
// What deploys and runs it.
export { CONTINUATION } from "./continuation.ts";
export {
  AGENT_ABORT_SECONDS,
  AGENT_TIMEOUT_SECONDS,
  type Agent,
  type AgentDefinition,
  agentFolder,
  defineAgent,
} from "./definition.ts";
export { modelsOf } from "./fallback.ts";
export type { AgentInput } from "./input.ts";
export { MODEL_TIMEOUT_SECONDS } from "./model-settings.ts";
export { callsAskedFor } from "./models/journaled-reply.ts";
export { parseModelName, providers } from "./models/providers.ts";
export type { AgentOutput } from "./output.ts";
