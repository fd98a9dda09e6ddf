import { isConversation } from "../agent/index.ts";
import type { Roster } from "../deployment/index.ts";
import { TOPIC } from "../events/index.ts";
import { type Admin, readServices } from "../restate/index.ts";
import { TOOL_CALLS } from "../tool-calls/index.ts";
import type { Project } from "./project.ts";

/** What `--agent` does, for a command's help. */
export const AGENT_FLAG = "the agent to ask (default: the only one, or the one that bin/defaults.ts names)";

/** There is no agent to ask, or nobody said which. */
export class AgentChoiceError extends Error {
  override readonly name = "AgentChoiceError";
}

/**
 * Chooses the agent to ask: the one that is named, the only one there is, or the default.
 * @param agents the names of the project's agents.
 * @throws AgentChoiceError listing the agents.
 */
export function chooseAgent(agents: readonly string[], named?: string, byDefault?: string): string {
  const list = agents.join(", ");
  const [first, second] = agents;
  if (first === undefined) {
    throw new AgentChoiceError("This project has no agent. Add one with: npx fanout new agent MyAgent");
  }
  if (named !== undefined) {
    if (agents.includes(named)) return named;
    throw new AgentChoiceError(`Unknown agent "${named}". Agents: ${list}.`);
  }
  if (second === undefined) return first;
  if (byDefault !== undefined && agents.includes(byDefault)) return byDefault;
  throw new AgentChoiceError(`Which agent? Add --agent with one of: ${list}.`);
}

/**
 * The agent that is named, wherever it is; else the project's only one, or the default.
 * @param admin where registered agents can be looked up, if that is known.
 * @throws AgentChoiceError listing the agents.
 */
export async function agentToAsk(
  { loadRoster, loadDefaults }: Pick<Project, "loadRoster" | "loadDefaults">,
  admin: Admin | undefined,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return named;
  return chooseAgent(await agentNames(loadRoster, admin), undefined, (await loadDefaults()).agent);
}

/**
 * The names of the project's agents, or of those that are registered if a contract cannot be read, for instance because it
 * is being written.
 * @param admin where registered agents can be looked up, if that is known.
 */
export async function agentNames(
  loadRoster: () => Promise<Roster>,
  admin: Admin | undefined,
): Promise<string[]> {
  try {
    return (await loadRoster()).agents.map(({ name }) => name);
  } catch (error) {
    if (admin === undefined) throw error;
    return registeredAgents(admin);
  }
}

const KIT = [TOPIC, TOOL_CALLS];

/** The names of the services that can be called through the ingress, without the kit's own and conversations. */
export async function registeredAgents(admin: Admin): Promise<string[]> {
  const services = await readServices(admin);
  return services
    .flatMap((service) =>
      service.public && !KIT.includes(service.name) && !isConversation(service.name) ? [service.name] : [],
    )
    .sort();
}
