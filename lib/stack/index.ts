export { AgentStack, type AgentStackProps } from "./agent-stack.ts";
export { synthesise } from "./app.ts";
export { BUNDLE_HANDLER, bundleFunctions } from "./bundle.ts";
export { defineInfra, type Infra, type InfraContext } from "./infra.ts";
