import type { Agent } from "../agent/definition.ts";
import type { Tool } from "../tool/contract.ts";

/** The project's tools and agents. */
export interface Roster {
  tools: readonly Tool[];
  agents: readonly Agent[];
}

/** A tool or an agent as its contract says it runs. */
export interface Service {
  name: string;
  kind: "tool" | "agent";
  /** The Lambda function. */
  functionName: string;
  contract: Tool["scaling"];
}

/**
 * Every service of the roster, tools first.
 * @param installation the prefix of the functions' names.
 */
export function servicesOf({ tools, agents }: Roster, installation: { name: string }): Service[] {
  const service =
    (kind: Service["kind"]) =>
    ({ name, scaling }: Tool | Agent): Service => ({
      name,
      kind,
      functionName: `${installation.name}-${name}`,
      contract: scaling,
    });
  return [...tools.map(service("tool")), ...agents.map(service("agent"))];
}

/** @throws Error naming the services, when there is none of this name. */
export function findService(roster: Roster, installation: { name: string }, name: string): Service {
  const services = servicesOf(roster, installation);
  const found = services.find((service) => service.name === name);
  if (found) return found;
  throw new Error(`Unknown service "${name}". Services: ${services.map((s) => s.name).join(", ")}.`);
}
