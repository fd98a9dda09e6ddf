import type { IRestateEnvironment } from "@restatedev/restate-cdk";
import type { ISecurityGroup, IVpc } from "aws-cdk-lib/aws-ec2";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct, IConstruct } from "constructs";

/** The Restate that a stack's services are registered with. */
export interface RestateTarget extends IRestateEnvironment {
  ingressUrl: string;
  /** Where the admin API is reached from. Default: anywhere. */
  network?: { vpc: IVpc; securityGroups: ISecurityGroup[] };
  /** Where the ingress is reached from. Default: anywhere. */
  ingressNetwork?: { vpc: IVpc; securityGroups: ISecurityGroup[] };
  /** A key for the ingress, for agents that tell what a model writes, and for the routes. Default: there are neither. */
  ingressKey?: ISecret | undefined;
  /** What must exist before it answers. */
  ready: IConstruct[];
}

export const ingressKey = (scope: Construct, name: string | undefined): ISecret | undefined =>
  name === undefined ? undefined : Secret.fromSecretNameV2(scope, "RestateIngressKey", name);
