/**
 * What an agent's folder uses: {@link defineAgent} for its contract, {@link createAgent} for its service. The rest is for what deploys and
 * asks agents.
 * @module
 */

export { createAgent } from "./agent.ts";
export type { Attachment } from "./attachments.ts";
// What deploys and runs it.
export { CONTINUATION } from "./continuation.ts";
export type { History } from "./conversation/history.ts";
// What it is asked, and its conversations.
export { agentOf, conversationOf, isConversation } from "./conversation/name.ts";
export type { PlainMessage } from "./conversation/plain.ts";
export {
  AGENT_ABORT_SECONDS,
  AGENT_TIMEOUT_SECONDS,
  type Agent,
  type AgentDefinition,
  agentFolder,
  defineAgent,
} from "./definition.ts";
export { modelsOf } from "./fallback.ts";
export type { AgentInput, MessageInput } from "./input.ts";
export { MODEL_TIMEOUT_SECONDS } from "./model-settings.ts";
export { callsAskedFor } from "./models/journaled-reply.ts";
export { parseModelName, providers } from "./models/providers.ts";
export type { AgentOutput } from "./output.ts";
