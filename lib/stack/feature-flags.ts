import flags from "./feature-flags.json" with { type: "json" };

/**
 * CDK's feature flags. They are pinned, because one that changes can replace what is deployed; those of a project's `cdk.json` take
 * precedence. @see https://docs.aws.amazon.com/cdk/v2/guide/featureflags.html
 */
export const featureFlags: Readonly<Record<string, unknown>> = flags;
