import { type DeploymentConfig, readDeploymentConfig, readSettings, SettingsError } from "./config.ts";
import { text } from "./setting.ts";

/** A role with which GitHub deploys one stage. */
export interface DeployRoleConfig {
  /** What it deploys. */
  deployment: DeploymentConfig;
  /** `owner/name` on GitHub. */
  repository: string;
  /** The ARN of GitHub's identity provider, if the account has it already; an account can have only one. */
  provider: string | undefined;
}

const settings = {
  FANOUT_GITHUB_REPOSITORY: text(
    /^[\w.-]+\/[\w.-]+$/,
    "owner/name of a repository on GitHub, such as acme/fanout",
  ),
  FANOUT_GITHUB_PROVIDER: text(
    /^arn:aws[\w-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/,
    "the ARN of GitHub's identity provider, such as arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
  ).optional(),
};

/**
 * Reads the settings of a role with which GitHub deploys.
 * @param environment the program's environment variables, those of the deployment among them; an empty one counts as not set.
 * @throws SettingsError naming every wrong or missing setting.
 */
export function readDeployRoleConfig(
  environment: Readonly<Record<string, string | undefined>>,
): DeployRoleConfig {
  const deployment = readDeploymentConfig(environment);
  if (deployment.target.kind === "local") {
    throw new SettingsError(
      "FANOUT_TARGET names no deployment: set it, and the rest of what the role is to deploy, as for a deployment.",
    );
  }
  const read = readSettings(settings, (name) => environment[name] || undefined);
  return {
    deployment,
    repository: read.FANOUT_GITHUB_REPOSITORY,
    provider: read.FANOUT_GITHUB_PROVIDER,
  };
}
