import * as z from "zod";
import { scalingBounds } from "../tool/index.ts";
import { SettingsError, type Stage } from "./config.ts";

/** A function's size, and how many execution environments it has. */
export interface Scaling {
  memoryMb: number;
  /** At most so many invocations at once. Undefined: what is left of the account's. */
  maxConcurrency?: number | undefined;
  /** So many environments are kept warm, and billed while idle. */
  provisioned: number;
}

const overrideSchema = z.strictObject({
  memoryMb: scalingBounds.memoryMb.optional(),
  maxConcurrency: scalingBounds.maxConcurrency.optional(),
  provisioned: scalingBounds.provisioned.optional(),
  timeoutSeconds: z.int().min(1).max(900).optional(),
});

/**
 * What a stage sets in place of a contract's `scaling`, field by field. `timeoutSeconds` is how long one invocation of
 * the function may run; the contract's own timeout stays what callers wait for.
 */
export type ScalingOverride = z.output<typeof overrideSchema>;

/** Overrides by stage, and there by the name of the tool or agent. */
export type ScalingByStage = Readonly<Record<Stage, Readonly<Record<string, ScalingOverride>>>>;

/**
 * Checks the overrides of one stage.
 * @param services the names of all tools and agents.
 * @throws SettingsError that names everything that is wrong, what is expected and what is there.
 */
export function checkOverrides(
  byStage: ScalingByStage,
  stage: Stage,
  services: readonly string[],
): Readonly<Record<string, ScalingOverride>> {
  const problems = Object.entries(byStage[stage]).flatMap(([service, override]) => {
    if (!services.includes(service)) return [`${service}: unknown. There are: ${services.join(", ")}`];
    const { error } = overrideSchema.safeParse(override);
    return (error?.issues ?? []).map(({ path, message }) => `${[service, ...path].join(".")}: ${message}`);
  });
  if (problems.length === 0) return byStage[stage];
  throw new SettingsError(
    `The scaling of stage ${stage} is wrong:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

/**
 * A contract's scaling as a stage has it.
 * @throws SettingsError where two versions of a function cannot both be kept warm within its limit, as they are while a
 * deployment replaces one by the other.
 */
export function scalingOf(
  { name, scaling }: { name: string; scaling: Scaling },
  { timeoutSeconds: _, ...override }: ScalingOverride = {},
): Scaling {
  const result = { ...scaling, ...override };
  const { provisioned, maxConcurrency } = result;
  if (maxConcurrency !== undefined && 2 * provisioned > maxConcurrency) {
    throw new SettingsError(
      `${name}: maxConcurrency should be at least twice provisioned, because a deployment keeps the old and the new version warm for a while; it is ${maxConcurrency}, and provisioned is ${provisioned}`,
    );
  }
  return result;
}
