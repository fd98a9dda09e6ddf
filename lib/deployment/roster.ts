import type { Agent } from "../agent/index.ts";
import { TOPIC } from "../events/index.ts";
import type { Tool } from "../tool/index.ts";
import type { DeploymentConfig } from "./config.ts";
import { checkOverrides, type ScalingByStage, type StagedScaling, scalingOf } from "./scaling.ts";
import { agentTimeout, toolTimeout } from "./timeout.ts";

/** A project's tools and agents. */
export interface Roster {
  tools: readonly Tool[];
  agents: readonly Agent[];
  /** What stages override in the contracts. Default: nothing. */
  scaling?: ScalingByStage | undefined;
}

/** A contract as a stage deploys it. */
export interface Staged<Contract extends Tool | Agent = Tool | Agent> {
  contract: Contract;
  /** The contract's scaling with the stage's overrides. */
  scaling: StagedScaling;
  /** How long one invocation of the function may run. */
  timeoutSeconds: number;
}

/** A roster as a stage deploys it. */
export interface StagedRoster {
  tools: Staged<Tool>[];
  agents: Staged<Agent>[];
  /** The kit's own service, which holds what runs tell. */
  events: Omit<Staged, "contract"> & { name: string };
}

/** One invocation adds some events to others. */
const EVENTS = { name: TOPIC, scaling: { memoryMb: 512, provisioned: 0 }, timeoutSeconds: 60 };

/**
 * Applies a stage's overrides to the contracts; whatever deploys or operates them reads the result.
 * @throws SettingsError naming everything that is wrong with the stage's scaling.
 */
export function stageRoster(
  { tools, agents, scaling }: Roster,
  stage: Pick<DeploymentConfig, "stage" | "tier">,
): StagedRoster {
  const names = [...tools, ...agents, EVENTS].map(({ name }) => name);
  const overrides = scaling ? checkOverrides(scaling, stage, names) : {};
  return {
    tools: tools.map((contract) => ({
      contract,
      scaling: scalingOf(contract, overrides[contract.name]),
      timeoutSeconds: toolTimeout(contract, overrides[contract.name]),
    })),
    agents: agents.map((contract) => ({
      contract,
      scaling: scalingOf(contract, overrides[contract.name]),
      timeoutSeconds: agentTimeout(contract, overrides[contract.name]),
    })),
    events: {
      name: EVENTS.name,
      scaling: scalingOf(EVENTS, overrides[EVENTS.name]),
      timeoutSeconds: overrides[EVENTS.name]?.timeoutSeconds ?? EVENTS.timeoutSeconds,
    },
  };
}
