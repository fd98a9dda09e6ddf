import type { ScalingByStage } from "../lib/deployment/index.ts";

/**
 * What a stage sets in place of a contract's `scaling`, by the name of the tool or agent: `memoryMb`, `maxConcurrency`,
 * `provisioned`, and the function's `timeoutSeconds`. For example `{ get_weather: { maxConcurrency: 50, provisioned: 2 } }`.
 */
export const scaling: ScalingByStage = {
  dev: {},
  prod: {},
};
