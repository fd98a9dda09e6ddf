import { type IRestateEnvironment, RestateCloudEnvironment } from "@restatedev/restate-cdk";
import type { ISecurityGroup, IVpc } from "aws-cdk-lib/aws-ec2";
import { Role } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct, IConstruct } from "constructs";
import type { Target } from "../deployment/index.ts";
import { SelfHostedRestate } from "./self-hosted.ts";
import type { StageSettings } from "./stage.ts";

/** The Restate that a stack's services are registered with. */
export interface RestateTarget extends IRestateEnvironment {
  ingressUrl: string;
  /** Where the admin API is reached from. Default: anywhere. */
  network?: { vpc: IVpc; securityGroups: ISecurityGroup[] };
  /** What must be there before it answers. */
  ready: IConstruct[];
}

/** Refers to the target's Restate, or, for `self-hosted`, creates it. */
export function restateTarget(scope: Construct, target: Target, stage: StageSettings): RestateTarget {
  switch (target.kind) {
    case "local":
      // Nobody reads it: the local platform registers with the server that it starts.
      return { adminUrl: "http://127.0.0.1:9070", ingressUrl: "http://127.0.0.1:8080", ready: [] };
    case "cloud": {
      const { adminUrl, ingressUrl, authToken, invokerRole } = new RestateCloudEnvironment(
        scope,
        "RestateCloud",
        {
          environmentId: target.environmentId,
          region: target.region,
          apiKey: Secret.fromSecretNameV2(scope, "RestateApiKey", target.apiKeySecret),
        },
      );
      return { adminUrl, ingressUrl, authToken, invokerRole, ready: [] };
    }
    case "existing":
      return {
        adminUrl: target.adminUrl,
        ingressUrl: target.ingressUrl,
        authToken: Secret.fromSecretNameV2(scope, "RestateApiKey", target.apiKeySecret),
        invokerRole: Role.fromRoleArn(scope, "InvokerRole", target.invokerRoleArn),
        ready: [],
      };
    case "self-hosted":
      return new SelfHostedRestate(scope, "Restate", stage);
  }
}
