import * as lambda from "aws-cdk-lib/aws-lambda";
import { BUNDLE_HANDLER } from "./bundle.ts";
import { LAMBDA_SYSTEM } from "./packages/system.ts";

const ARCHITECTURES = { arm64: lambda.Architecture.ARM_64, x64: lambda.Architecture.X86_64 };

/**
 * The properties that every bundled function shares: the runtime, and logs as JSON from `info` up.
 * @param cpu what its bundle was made for.
 */
export function nodeFunction(codeDir: string, cpu: keyof typeof ARCHITECTURES = LAMBDA_SYSTEM.cpu) {
  return {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: ARCHITECTURES[cpu],
    handler: BUNDLE_HANDLER,
    code: lambda.Code.fromAsset(codeDir),
    loggingFormat: lambda.LoggingFormat.JSON,
    applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    systemLogLevelV2: lambda.SystemLogLevel.INFO,
  } satisfies Partial<lambda.FunctionProps>;
}
