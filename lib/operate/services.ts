import { conversationOf } from "../agent/index.ts";
import {
  functionNameOf,
  type Roster,
  type Staged,
  type StagedScaling,
  stageRoster,
} from "../deployment/index.ts";
import { TOOL_CALLS } from "../tool-calls/index.ts";
import type { Installation } from "./installation.ts";

/** A tool, an agent or a service of the kit, with how it is declared to run. */
export interface Service {
  name: string;
  kind: "tool" | "agent" | "kit";
  /** The Lambda function. */
  functionName: string;
  /** The contract's scaling with the stage's overrides. */
  declared: StagedScaling;
}

/**
 * Every service of a deployment, tools first.
 * @throws SettingsError when the scaling of the installation's stage is wrong.
 */
export function servicesOf(
  roster: Roster,
  { name: deployment, ...stage }: Pick<Installation, "name" | "stage" | "tier">,
): Service[] {
  const { tools, agents, events } = stageRoster(roster, stage);
  const service =
    (kind: Service["kind"]) =>
    ({ name, scaling }: { name: string; scaling: StagedScaling }): Service => ({
      name,
      kind,
      functionName: functionNameOf(deployment, name),
      declared: scaling,
    });
  const named = ({ contract: { name }, scaling }: Staged) => ({ name, scaling });
  return [
    ...tools.map(named).map(service("tool")),
    ...agents.map(named).map(service("agent")),
    service("kit")(events),
  ];
}

/** What Restate knows a service by: an agent also has conversations on the same function, the kit's own also calls of tools. */
export function namesOf({ name, kind }: Pick<Service, "name" | "kind">): string[] {
  if (kind === "agent") return [name, conversationOf(name)];
  return kind === "kit" ? [name, TOOL_CALLS] : [name];
}

/** @throws Error listing the services when none has this name. */
export function findService(services: readonly Service[], name: string): Service {
  const found = services.find((service) => service.name === name);
  if (found) return found;
  throw new Error(`Unknown service "${name}". Services: ${services.map((s) => s.name).join(", ")}.`);
}
