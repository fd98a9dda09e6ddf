import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

/** Lambda accepts 15 management requests a second; further ones are throttled, and tried again at that pace. */
const LAMBDA_ATTEMPTS = 10;

/** Lambda, with the person's own credentials. @param region default: the one that those lead to. */
export function lambdaClient(region?: string): LambdaClient {
  return new LambdaClient({ ...at(region), maxAttempts: LAMBDA_ATTEMPTS, retryMode: "adaptive" });
}

/** What is asked before a deployment. */
export interface PreflightClients {
  lambda: LambdaClient;
  sts: STSClient;
  ssm: SSMClient;
  secrets: SecretsManagerClient;
}

export function preflightClients(region: string | undefined): PreflightClients {
  return {
    lambda: lambdaClient(region),
    sts: new STSClient(at(region)),
    ssm: new SSMClient(at(region)),
    secrets: new SecretsManagerClient(at(region)),
  };
}

const at = (region: string | undefined) => (region === undefined ? {} : { region });
