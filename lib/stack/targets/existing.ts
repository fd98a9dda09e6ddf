import { Role } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { TargetOf } from "../../deployment/index.ts";
import { ingressKey, type RestateTarget } from "./target.ts";

/** Refers to a Restate that already runs. */
export function existing(scope: Construct, target: TargetOf<"existing">): RestateTarget {
  return {
    adminUrl: target.adminUrl,
    ingressUrl: target.ingressUrl,
    authToken: Secret.fromSecretNameV2(scope, "RestateApiKey", target.apiKeySecret),
    invokerRole: Role.fromRoleArn(scope, "InvokerRole", target.invokerRoleArn),
    ingressKey: ingressKey(scope, target.ingressKeySecret),
    ready: [],
  };
}
