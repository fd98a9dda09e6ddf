import { LOCAL } from "./arn.ts";
import type { Spec } from "./spec.ts";

/**
 * Variables that a function's configuration cannot set.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const RESERVED = [
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
];

/** The names among `variables` that are Lambda's own. */
export function reservedNames(variables: Record<string, string>): string[] {
  return Object.keys(variables).filter((name) => RESERVED.includes(name));
}

/** Values that count in place of those in a function's specification. */
interface Replacements {
  /** Of any function's variables; also `AWS_LAMBDA_LOG_LEVEL`, which every function has. */
  environment: Readonly<Record<string, string>>;
  /** Of the variables that a function takes from the settings. An empty one counts as none. */
  settings: Readonly<Record<string, string>>;
}

/**
 * What an execution environment sees: the function's variables, and Lambda's own except for how it was initialised.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables"
 */
export function environmentVariables(
  spec: Spec,
  version: string,
  taskRoot: string,
  replacements: Replacements,
): Record<string, string> {
  return {
    // A function's configuration may set it.
    PATH: "/usr/bin:/bin",
    ...ownVariables(spec, replacements),
    _HANDLER: spec.handler,
    // A role's credentials are always there on AWS; these open nothing.
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "local",
    AWS_REGION: LOCAL.region,
    AWS_DEFAULT_REGION: LOCAL.region,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    // As the stack sets it for every function.
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_LAMBDA_LOG_LEVEL: replacements.environment.AWS_LAMBDA_LOG_LEVEL ?? "INFO",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[${version}]`,
    LAMBDA_TASK_ROOT: taskRoot,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
  };
}

function ownVariables(spec: Spec, { environment, settings }: Replacements): Record<string, string> {
  const setting = (name: string) => (spec.settings?.includes(name) && settings[name]) || undefined;
  return Object.fromEntries(
    Object.entries(spec.environment).map(([name, value]) => [
      name,
      environment[name] ?? setting(name) ?? value,
    ]),
  );
}
