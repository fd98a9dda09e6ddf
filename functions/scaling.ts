import type { ScalingByStage } from "fanout/deployment";

/**
 * What a stage overrides in a contract's `scaling`, by the name of the tool or agent; a stage that is not here has what its tier,
 * `dev` or `prod`, has: `memoryMb`, `maxConcurrency`,
 * `provisioned`, and the function's `timeoutSeconds`. For example `{ get_weather: { maxConcurrency: 50, provisioned: 2 } }`.
 */
export const scaling: ScalingByStage = {
  dev: {},
  prod: {},
};
