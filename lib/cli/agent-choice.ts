import type { Roster } from "../deployment/index.ts";
import { type Admin, readServices } from "../restate/index.ts";

/** What a project's commands take where a person names nothing. */
export interface Defaults {
  /** The agent that is asked where there are several. Default: a person has to name one. */
  agent?: string;
  /** What `start` asks that agent. Default: what it can do. */
  question?: string;
  /** What `start` and `up` suggest to ask next. Default: the same. */
  nextQuestion?: string;
}

/** What `--agent` does, for the help of a command. */
export const AGENT_FLAG = "the agent to ask (default: the only one, or the one that bin/defaults.ts names)";

/** No agent can be asked, or nobody said which. */
export class AgentChoiceError extends Error {
  override readonly name = "AgentChoiceError";
}

/**
 * Chooses the agent to ask: the one that is named, the only one there is, or the default.
 * @param agents the names of those there are.
 * @throws AgentChoiceError that says which there are.
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
 * The names of the project's agents. Where a contract cannot be read, as while it is being written, those that are registered
 * are asked all the same.
 * @param admin where that can be looked up, if it is known.
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

/** The names of what can be called through the ingress. */
export async function registeredAgents(admin: Admin): Promise<string[]> {
  const services = await readServices(admin);
  return services.flatMap((service) => (service.public ? [service.name] : [])).sort();
}
