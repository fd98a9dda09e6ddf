import * as lambda from "aws-cdk-lib/aws-lambda";
import { BUNDLE_HANDLER } from "./bundle.ts";

/** What every function from a bundle has in common: the runtime, and logs as JSON from `info` up. */
export function nodeFunction(codeDir: string) {
  return {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: BUNDLE_HANDLER,
    code: lambda.Code.fromAsset(codeDir),
    loggingFormat: lambda.LoggingFormat.JSON,
    applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
    systemLogLevelV2: lambda.SystemLogLevel.INFO,
  } satisfies Partial<lambda.FunctionProps>;
}
