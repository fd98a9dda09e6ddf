import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import recommendedFeatureFlags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";
import { agentFolder } from "../lib/agent/definition.ts";
import { AgentStack } from "../lib/stack/agent-stack.ts";
import { bundleFunctions } from "../lib/stack/bundle.ts";
import { readDeploymentConfig, SettingsError } from "../lib/stack/config.ts";
import { writeLambdaAdapter } from "../lib/stack/lambda-adapter.ts";
import { PackageError } from "../lib/stack/packages/error.ts";
import { LAMBDA_SYSTEM } from "../lib/stack/packages/system.ts";
import { plainLambdas } from "../lib/stack/plain-lambdas.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../lib/stack/restate-admin/function.ts";
import { checkOverrides } from "../lib/stack/scaling.ts";
import type { Tool } from "../lib/tool/index.ts";
import { scaling } from "./scaling.ts";

const functions = join(import.meta.dirname, "../functions");
const app = new App({ context: recommendedFeatureFlags });
const bundleDir = mkdtempSync(join(tmpdir(), "fanout-bundles-"));
try {
  const config = readDeploymentConfig(process.env, (name) => app.node.tryGetContext(name));
  const services = [...tools, ...agents].map(({ name }) => name);
  const overrides = checkOverrides(scaling, config.stage, services);
  const local = config.target.kind === "local";

  const toolEntry = ({ name, lambda }: Tool) =>
    lambda === undefined
      ? join(functions, "tools", name, "handler.ts")
      : writeLambdaAdapter(name, join(functions, "tools", name, "tool.ts"), join(bundleDir, ".adapters"));
  const entries = Object.fromEntries([
    ...tools.map((tool) => [tool.name, toolEntry(tool)]),
    ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent), "handler.ts")]),
  ]);
  const lambdas = plainLambdas(join(functions, "lambdas"), config.stage);
  const ownFunctions = { [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER };
  bundleFunctions({ ...entries, ...lambdas, ...ownFunctions }, bundleDir, {
    system: local ? undefined : LAMBDA_SYSTEM,
  });

  if (!local) await check(app);
  new AgentStack(app, config.name, {
    description: "LLM agents whose tool calls run in parallel, durably, on AWS Lambda.",
    tools,
    agents,
    plainFunctions: Object.keys(lambdas),
    overrides,
    config,
    bundleDir,
    // No account has this number, so a template made for a laptop cannot be deployed by mistake.
    ...(local && { env: { account: "000000000000", region: "us-east-1" } }),
  });
  app.synth();
} catch (error) {
  // What a person can put right is said in their words; where in the code it was found helps nobody.
  if (!(error instanceof SettingsError || error instanceof PackageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(bundleDir, { recursive: true });
}

/** What departs from AWS's own checks without a reason beside it is not deployed. */
async function check(app: App): Promise<void> {
  const { AwsSolutionsChecks } = await import("cdk-nag");
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
