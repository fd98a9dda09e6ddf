import { App, Validations } from "aws-cdk-lib";
import { readDeployRoleConfig, SettingsError } from "../../deployment/index.ts";
import { featureFlags } from "../feature-flags.ts";
import type { StackSettingsOf } from "../stack-settings.ts";
import { DeployRoleStack } from "./deploy-role-stack.ts";

interface DeployRoleApp {
  /** What the account asks of every stack. Default: nothing. */
  stack?: StackSettingsOf;
  /** The program's environment variables, including the deployment's settings. */
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Synthesises the role with which GitHub deploys a stage.
 * @returns the program's exit code: 1 for a mistake that a person can put right, which is printed to stderr.
 */
export async function synthesiseDeployRole({ stack, environment }: DeployRoleApp): Promise<0 | 1> {
  const app = new App({ context: { ...featureFlags } });
  try {
    const config = readDeployRoleConfig(environment);
    const { name, account, region } = config.deployment;
    const qualifier = app.node.tryGetContext("@aws-cdk/core:bootstrapQualifier") as string | undefined;
    const { AwsSolutionsChecks } = await import("cdk-nag");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    new DeployRoleStack(app, `${name}-deploy-role`, {
      config,
      description: "The role with which GitHub deploys.",
      ...(qualifier !== undefined && { qualifier }),
      settings: stack?.(config.deployment) ?? {},
      env: { ...(account !== undefined && { account }), ...(region !== undefined && { region }) },
    });
    app.synth();
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}
