import { RestateCloudEnvironment } from "@restatedev/restate-cdk";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { TargetOf } from "../../deployment/index.ts";
import { ingressKey, type RestateTarget } from "./target.ts";

/** Refers to an environment in Restate Cloud. */
export function cloud(scope: Construct, target: TargetOf<"cloud">): RestateTarget {
  const { environmentId, region, apiKeySecret, ingressKeySecret } = target;
  const apiKey = Secret.fromSecretNameV2(scope, "RestateApiKey", apiKeySecret);
  const environment = new RestateCloudEnvironment(scope, "RestateCloud", { environmentId, region, apiKey });
  const { adminUrl, ingressUrl, authToken, invokerRole } = environment;
  return {
    adminUrl,
    ingressUrl,
    authToken,
    invokerRole,
    ingressKey: ingressKey(scope, ingressKeySecret),
    ready: [],
  };
}
