import { Port, SecurityGroup, Subnet, Vpc } from "aws-cdk-lib/aws-ec2";
import { defineInfra } from "fanout/stack";

/**
 * Puts the tool into the network of a private database, such as one in RDS, if the deployment says where that is:
 * DATABASE_VPC_ID, DATABASE_SUBNET_IDS (with commas), and DATABASE_SECURITY_GROUP_ID, the database's own, which then lets the tool in.
 * The subnets need a way to Secrets Manager: a NAT gateway, or an interface endpoint.
 */
export default defineInfra(({ scope, setting }) => {
  const vpcId = setting("DATABASE_VPC_ID");
  if (vpcId === "") return {};
  const subnetIds = setting("DATABASE_SUBNET_IDS").split(",");
  const vpc = Vpc.fromVpcAttributes(scope, "Vpc", { vpcId, availabilityZones: subnetIds.map(String) });
  const own = new SecurityGroup(scope, "SecurityGroup", { vpc, description: "query_database" });
  const database = SecurityGroup.fromSecurityGroupId(
    scope,
    "Database",
    setting("DATABASE_SECURITY_GROUP_ID"),
  );
  database.connections.allowFrom(own, Port.tcp(5432), "query_database");
  return {
    vpc,
    vpcSubnets: { subnets: subnetIds.map((id, index) => Subnet.fromSubnetId(scope, `Subnet${index}`, id)) },
    securityGroups: [own],
  };
});
