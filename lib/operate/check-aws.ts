import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { DeploymentConfig } from "../deployment/index.ts";
import type { PreflightClients } from "./aws-clients.ts";
import { explainAwsError } from "./aws-error.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/**
 * The oldest bootstrap stack that CDK deploys these assemblies with.
 * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html#bootstrapping-contract
 */
export const BOOTSTRAP_VERSION = 6;

/** Whether the credentials are accepted, and lead to the account and region that the deployment names. */
export async function checkCredentials(
  { sts }: PreflightClients,
  { account: wanted }: Pick<DeploymentConfig, "account">,
): Promise<Finding> {
  const region = await sts.config.region().catch(() => undefined);
  try {
    const { Account: account } = await sts.send(new GetCallerIdentityCommand({}));
    if (wanted === undefined || wanted === account)
      return ok("credentials", `they lead to account ${account}, region ${region}`);
    const text = `they lead to account ${account}; FANOUT_ACCOUNT is ${wanted}`;
    return problem("credentials", text, "Set AWS_PROFILE or other credentials, or FANOUT_ACCOUNT.");
  } catch (error) {
    const { what, advice } = explainAwsError(error, region, "AWS");
    return problem("credentials", what, advice);
  }
}

/** Whether `cdk bootstrap` has prepared the account and region. @param qualifier tells bootstrap stacks apart. */
export async function checkBootstrap(ssm: SSMClient, qualifier: string): Promise<Finding> {
  const region = await ssm.config.region().catch(() => undefined);
  const advice = "Once per account and region: npx cdk bootstrap";
  try {
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: `/cdk-bootstrap/${qualifier}/version` }),
    );
    const version = Number(Parameter?.Value);
    if (version >= BOOTSTRAP_VERSION) return ok("bootstrap", `CDK's bootstrap stack has version ${version}`);
    const text = `CDK's bootstrap stack in ${region} has version ${version}, and ${BOOTSTRAP_VERSION} is needed`;
    return problem("bootstrap", text, "Renew it: npx cdk bootstrap");
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound")
      return problem("bootstrap", `CDK has not prepared this account in ${region}`, advice);
    const { what, advice: permission } = explainAwsError(error, region, "AWS");
    return warning("bootstrap", `whether CDK has prepared the account is not known: ${what}`, permission);
  }
}
