import { Arn, ArnFormat, type Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { LambdaReference } from "../tool/index.ts";

/**
 * What a role needs to invoke one function: exactly the version or alias that is named, or else the unqualified function.
 * A name is one of the stack's own account and region.
 */
export function lambdaPermission(stack: Stack, { name, arn, qualifier }: LambdaReference): PolicyStatement {
  const unqualified =
    arn ??
    Arn.format(
      {
        service: "lambda",
        resource: "function",
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      stack,
    );
  return new PolicyStatement({
    actions: ["lambda:InvokeFunction"],
    resources: [qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`],
  });
}
