import { SingleNodeRestateDeployment } from "@restatedev/restate-cdk";
import { RemovalPolicy, Validations } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledgeRule } from "../acknowledge.ts";
import type { StageSettings } from "../stage-settings.ts";
import type { RestateTarget } from "./target.ts";

/** The version that this project is tested with. */
const RESTATE_VERSION = "1.7.12";

/**
 * Restate on one EC2 instance in its own network, which nothing outside can reach: an environment of your own without a
 * contract, and without a second machine to take over.
 */
export class SelfHostedRestate extends Construct implements RestateTarget {
  readonly adminUrl: string;
  readonly ingressUrl: string;
  readonly invokerRole;
  readonly network;
  readonly ingressNetwork;
  readonly ready;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    const { logs, removalPolicy } = stage;
    const logGroup = new LogGroup(this, "Logs", logs);
    const vpc = network(this, logGroup);
    const node = server(this, { vpc, logGroup, removalPolicy });
    this.adminUrl = node.adminUrl;
    this.ingressUrl = node.ingressUrl;
    this.invokerRole = node.invokerRole;
    this.network = { vpc, securityGroups: [node.adminSecurityGroup] };
    this.ingressNetwork = { vpc, securityGroups: [node.ingressSecurityGroup] };
    this.ready = [node];
  }
}

function network(scope: Construct, logGroup: LogGroup): ec2.Vpc {
  return new ec2.Vpc(scope, "Network", {
    maxAzs: 2,
    natGateways: 1,
    // CDK's own two kinds, but nothing gets a public address by itself: the gateway has one that it is given.
    subnetConfiguration: [
      { name: "Public", subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      { name: "Private", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    ],
    // Nothing is in the default group. CDK would add a function to empty it, whose generated name begins with the stack's, so
    // Restate could invoke it.
    restrictDefaultSecurityGroup: false,
    flowLogs: {
      Rejected: {
        destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup),
        trafficType: ec2.FlowLogTrafficType.REJECT,
      },
    },
  });
}

function server(
  scope: Construct,
  props: { vpc: ec2.Vpc; logGroup: LogGroup; removalPolicy: RemovalPolicy },
): SingleNodeRestateDeployment {
  const deleteOnTermination = props.removalPolicy === RemovalPolicy.DESTROY;
  const node = new SingleNodeRestateDeployment(scope, "Server", {
    ...props,
    instanceType: new ec2.InstanceType("t4g.small"),
    restateTag: RESTATE_VERSION,
    dataVolumeOptions: { encrypted: true, deleteOnTermination },
    environment: {
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_EXPERIMENTAL_ENABLE_PROTOCOL_V7: "true",
      RESTATE_EXPERIMENTAL_ENABLE_VQUEUES: "true",
    },
  });
  const instance = node.instance.node.defaultChild as ec2.CfnInstance;
  instance.monitoring = true;
  // CloudFormation takes a volume or a virtual name, not both.
  instance.addPropertyDeletionOverride("BlockDeviceMappings.0.VirtualName");
  acknowledgeChecks(node);
  return node;
}

/** Says why the server departs from AWS's own checks. */
function acknowledgeChecks(node: SingleNodeRestateDeployment): void {
  Validations.of(node).acknowledge(
    {
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
      reason: "People reach the server through Session Manager, which is what this policy of AWS's is for.",
    },
    {
      id: "AwsSolutions-EC29",
      reason: "`cdk destroy` has to work. Where data has to outlive it, its volume is kept.",
    },
  );
  acknowledgeRule(
    node,
    "ec2_instance_no_public_ip_check",
    "Its subnet is private, and gives no public addresses. The rule wants that said of a network interface instead.",
  );
  acknowledgeRule(
    node,
    "ec2_instance_nitro_encryption_in_transit_check",
    "The server is the only instance, so there is no traffic between two of them.",
  );
}
