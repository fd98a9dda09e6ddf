export { createAgent } from "./agent.ts";
export { type Agent, type AgentDefinition, defineAgent } from "./definition.ts";
export type { AgentInput, AgentOutput } from "./output.ts";
