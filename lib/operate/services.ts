import type { Agent } from "../agent/definition.ts";
import { checkOverrides, type Scaling, type ScalingByStage, scalingOf } from "../deployment/scaling.ts";
import type { Tool } from "../tool/contract.ts";
import type { Installation } from "./installation.ts";

/** The project's tools and agents. */
export interface Roster {
  tools: readonly Tool[];
  agents: readonly Agent[];
  /** What stages set in place of what contracts say. Default: nothing. */
  scaling?: ScalingByStage;
}

/** A tool or an agent as it is declared to run. */
export interface Service {
  name: string;
  kind: "tool" | "agent";
  /** The Lambda function. */
  functionName: string;
  /** The contract's scaling, or what the stage sets in its place. */
  declared: Scaling;
}

/** What is asked of an installation to know its services. */
type Named = Pick<Installation, "name" | "stage">;

/**
 * Every service of the roster, tools first.
 * @throws SettingsError when the scaling of the installation's stage is wrong.
 */
export function servicesOf({ tools, agents, scaling }: Roster, { name: prefix, stage }: Named): Service[] {
  const names = [...tools, ...agents].map(({ name }) => name);
  const overrides = scaling ? checkOverrides(scaling, stage, names) : {};
  const service =
    (kind: Service["kind"]) =>
    (contract: Tool | Agent): Service => ({
      name: contract.name,
      kind,
      functionName: `${prefix}-${contract.name}`,
      declared: scalingOf(contract, overrides[contract.name]),
    });
  return [...tools.map(service("tool")), ...agents.map(service("agent"))];
}

/** @throws Error naming the services, when there is none of this name. */
export function findService(roster: Roster, installation: Named, name: string): Service {
  const services = servicesOf(roster, installation);
  const found = services.find((service) => service.name === name);
  if (found) return found;
  throw new Error(`Unknown service "${name}". Services: ${services.map((s) => s.name).join(", ")}.`);
}
