export { AgentStack, type AgentStackProps } from "./agent-stack.ts";
export { synthesise } from "./app.ts";
export { BUNDLE_HANDLER, bundleFunctions } from "./bundle.ts";
export { RULES } from "./custom-resources/restate-admin/rules.ts";
export { UNREGISTRATION } from "./custom-resources/restate-admin/unregister.ts";
export { writeLambdaAdapter } from "./lambda-adapter.ts";
export { isAddonFor, LAMBDA_SYSTEM } from "./packages/system.ts";
export { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "./restate-admin.ts";
