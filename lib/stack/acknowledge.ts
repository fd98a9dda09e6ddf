import { Stack, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";

/**
 * Says why a policy under `scope` allows a resource with a wildcard, which cdk-nag refuses otherwise.
 * @param resource the policy's resource; references in it are named as cdk-nag names them: `<LogicalId.Attribute>`.
 */
export function acknowledgeWildcard(scope: Construct, resource: string, reason: string): void {
  const named = inOnePiece(Stack.of(scope).resolve(resource));
  Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${named}]`, reason });
}

/**
 * Says why what is under `scope` departs from a rule of AWS Control Tower.
 * @param rule its identifier in cfn-guard's language, such as `lambda_inside_vpc_check`.
 */
export function acknowledgeRule(scope: Construct, rule: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `CloudFormation-Validate::${rule}`, reason });
}

type Resolved = string | { Ref: string } | { "Fn::GetAtt": string[] } | { "Fn::Join": [string, Resolved[]] };

function inOnePiece(value: Resolved): string {
  if (typeof value === "string") return value;
  if ("Ref" in value) return `<${value.Ref}>`;
  if ("Fn::GetAtt" in value) return `<${value["Fn::GetAtt"].join(".")}>`;
  const [separator, parts] = value["Fn::Join"];
  return parts.map(inOnePiece).join(separator);
}
