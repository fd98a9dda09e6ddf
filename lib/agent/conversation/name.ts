/** What the names of conversations end with. */
const SUFFIX = "Conversation";

/** The Restate virtual object that has the conversations with an agent, one per key, on the agent's own function. */
export const conversationOf = (agent: string): string => agent + SUFFIX;

/** Whether a service has an agent's conversations. No agent's name ends so. */
export const isConversation = (service: string): boolean => service.endsWith(SUFFIX);

/** The agent of a service that is either the agent itself or has its conversations. */
export const agentOf = (service: string): string =>
  isConversation(service) ? service.slice(0, -SUFFIX.length) : service;
