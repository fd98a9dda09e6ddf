import * as z from "zod";
import { scalingBounds } from "../tool/index.ts";
import { SettingsError, type Tier } from "./config.ts";

/** A function's size, and how many execution environments it has. */
export interface Scaling {
  memoryMb: number;
  /** The most invocations at once. Undefined: whatever the account has left. In a contract, 0 switches the service off. */
  maxConcurrency?: number | undefined;
  /** How many environments are kept warm, and billed while idle. */
  provisioned: number;
}

const overrideSchema = z.strictObject({
  memoryMb: scalingBounds.memoryMb.optional(),
  maxConcurrency: scalingBounds.maxConcurrency.optional(),
  provisioned: scalingBounds.provisioned.optional(),
  timeoutSeconds: z.int().min(1).max(900).optional(),
});

/**
 * What a stage overrides in a contract's `scaling`, field by field. `timeoutSeconds` is how long one invocation of
 * the function may run; callers still wait for the contract's own timeout.
 */
export type ScalingOverride = z.output<typeof overrideSchema>;

/** Overrides by the name of the tool or agent. */
type Overrides = Readonly<Record<string, ScalingOverride>>;

/** Overrides by stage. A stage that has none of its own has those of its tier, `dev` or `prod`. */
export type ScalingByStage = Readonly<Record<Tier, Overrides> & Record<string, Overrides>>;

/**
 * Checks the overrides of one stage.
 * @param services the names of all tools and agents.
 * @throws SettingsError naming everything that is wrong, what is expected and which services exist.
 */
export function checkOverrides(
  byStage: ScalingByStage,
  { stage, tier }: { stage: string; tier: Tier },
  services: readonly string[],
): Overrides {
  const [said, overrides] = Object.hasOwn(byStage, stage)
    ? [stage, byStage[stage] ?? {}]
    : [tier, byStage[tier]];
  const problems = Object.entries(overrides).flatMap(([service, override]) => {
    if (!services.includes(service)) return [`${service}: unknown. There are: ${services.join(", ")}`];
    const { error } = overrideSchema.safeParse(override);
    return (error?.issues ?? []).map(({ path, message }) => `${[service, ...path].join(".")}: ${message}`);
  });
  if (problems.length === 0) return overrides;
  throw new SettingsError(
    `The scaling of stage ${said} is wrong:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

/** How a stage deploys a function. */
export interface StagedScaling extends Scaling {
  /** Its calls are refused, which needs neither a limit nor warm environments. */
  switchedOff: boolean;
}

/**
 * A contract's scaling with a stage's override.
 * @throws SettingsError when two versions of a function cannot both be kept warm within its limit, as they are while a
 * deployment replaces one with the other.
 */
export function scalingOf(
  { name, scaling }: { name: string; scaling: Scaling },
  { timeoutSeconds: _, ...override }: ScalingOverride = {},
): StagedScaling {
  const { memoryMb, provisioned, maxConcurrency } = { ...scaling, ...override };
  if (maxConcurrency === 0) return { memoryMb, provisioned: 0, switchedOff: true };
  if (maxConcurrency !== undefined && 2 * provisioned > maxConcurrency) {
    throw new SettingsError(
      `${name}: maxConcurrency should be at least twice provisioned, because a deployment keeps the old and the new version warm for a while; it is ${maxConcurrency}, and provisioned is ${provisioned}`,
    );
  }
  return { memoryMb, maxConcurrency, provisioned, switchedOff: false };
}
