/**
 * For tools around Fanout: the settings, targets, names and scaling of a deployment, without CDK.
 * @module
 */

export { type DeploymentConfig, readDeploymentConfig, SettingsError, type Tier } from "./config.ts";
export { type DeployRoleConfig, readDeployRoleConfig } from "./deploy-role.ts";
export {
  BUNDLE_INPUTS,
  DECLARED,
  type Declared,
  functionNameOf,
  PLAIN_FUNCTION,
  secretNameOf,
  secretPrefix,
} from "./names.ts";
export { projectRoot } from "./project-root.ts";
export { type Roster, type Staged, type StagedRoster, stageRoster } from "./roster.ts";
export type { ScalingByStage, StagedScaling } from "./scaling.ts";
export { restateUrls, type Target, type TargetOf } from "./targets/index.ts";
export {
  MAIN_STACK,
  placeTools,
  readToolStacks,
  TOOL_STACKS_FILE,
  TOOLS_PER_STACK,
  type ToolStacks,
} from "./tool-stacks.ts";
