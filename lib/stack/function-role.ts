import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";

/**
 * A role for one function, which may write to the function's own log and nothing else.
 * @param options `inNetwork`: the function is in a network of its own account, and may connect to it.
 */
export function functionRole(scope: Construct, logGroup: LogGroup, options = { inNetwork: false }): Role {
  const role = new Role(scope, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  if (options.inNetwork) allowNetworkInterfaces(role);
  return role;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function allowNetworkInterfaces(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
      ],
      resources: ["*"],
    }),
  );
  acknowledgeWildcard(
    role,
    "*",
    "Lambda creates and finds the network interfaces itself, under names that are not known in advance.",
  );
}
