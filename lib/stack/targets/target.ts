import type { IRestateEnvironment } from "@restatedev/restate-cdk";
import type { ISecurityGroup, IVpc } from "aws-cdk-lib/aws-ec2";
import type { IConstruct } from "constructs";

/** The Restate that a stack's services are registered with. */
export interface RestateTarget extends IRestateEnvironment {
  ingressUrl: string;
  /** Where the admin API is reached from. Default: anywhere. */
  network?: { vpc: IVpc; securityGroups: ISecurityGroup[] };
  /** Where the ingress is reached from. Default: anywhere. */
  ingressNetwork?: { vpc: IVpc; securityGroups: ISecurityGroup[] };
  /** What must exist before it answers. */
  ready: IConstruct[];
}
