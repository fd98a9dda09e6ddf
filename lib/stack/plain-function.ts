import { RemovalPolicy } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { BUNDLE_HANDLER } from "./bundle.ts";
import { PLAIN_FUNCTION } from "./plain-mark.ts";

/** An ordinary Lambda function, with Lambda's own defaults: it knows nothing of Restate. */
export class PlainFunction extends Construct {
  constructor(scope: Construct, id: string, props: { functionName: string; codeDir: string }) {
    super(scope, id);
    const fn = new lambda.Function(this, "Function", {
      functionName: props.functionName,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: BUNDLE_HANDLER,
      code: lambda.Code.fromAsset(props.codeDir),
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup: new LogGroup(this, "Logs", {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    (fn.node.defaultChild as lambda.CfnFunction).addMetadata(PLAIN_FUNCTION, true);
  }
}
