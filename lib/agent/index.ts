export { createAgent } from "./agent.ts";
export { type Agent, type AgentDefinition, agentFolder, defineAgent } from "./definition.ts";
export type { AgentInput } from "./input.ts";
export type { AgentOutput } from "./output.ts";
