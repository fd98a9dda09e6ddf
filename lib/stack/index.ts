/**
 * The CDK app: {@link synthesise} makes it from the rosters and the environment, {@link defineInfra} gives a function what it needs on AWS
 * beside its contract.
 * @module
 */

export { AgentStack, type AgentStackProps } from "./agent-stack.ts";
export { synthesise } from "./app.ts";
export { BUNDLE_HANDLER, bundleFunctions } from "./bundle.ts";
export { synthesiseDeployRole } from "./deploy-role/app.ts";
export { type Code, defineInfra, type Infra, type InfraContext } from "./infra.ts";
export type { StackSettings, StackSettingsOf } from "./stack-settings.ts";
