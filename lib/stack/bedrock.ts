import { Arn, type Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

/** An inference profile's name is a geography and a model: `us.anthropic.claude-haiku-4-5-…`, `global.…`. */
const PROFILE = /^(?:global|apac|us-gov|[a-z]{2})\.(.+)$/;

/**
 * What an agent's role needs to ask one Bedrock model, and no more. That is the foundation model in the stack's region, or
 * the inference profile with its model in any region (only when asked through that profile), or exactly the given ARN.
 * @param modelId the part of a model's name after `bedrock/`.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
 */
export function bedrockPermissions(stack: Stack, modelId: string): PolicyStatement[] {
  const allow = (resource: string, condition?: Record<string, string>) =>
    new PolicyStatement({
      actions: ["bedrock:InvokeModel"],
      resources: [resource],
      ...(condition && { conditions: { StringEquals: condition } }),
    });
  const foundationModel = (id: string, region?: string) =>
    Arn.format(
      {
        service: "bedrock",
        account: "",
        resource: "foundation-model",
        resourceName: id,
        ...(region && { region }),
      },
      stack,
    );
  if (modelId.startsWith("arn:")) return [allow(modelId)];
  const profiled = PROFILE.exec(modelId)?.[1];
  if (profiled === undefined) return [allow(foundationModel(modelId))];
  const profile = Arn.format(
    { service: "bedrock", resource: "inference-profile", resourceName: modelId },
    stack,
  );
  return [allow(profile), allow(foundationModel(profiled, "*"), { "bedrock:InferenceProfileArn": profile })];
}
