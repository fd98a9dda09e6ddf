import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { PLAIN_FUNCTION } from "../deployment/index.ts";
import { functionRole } from "./function-role.ts";
import { nodeFunction } from "./node-function.ts";
import type { FunctionSettings } from "./restate-function.ts";

/** An ordinary Lambda function, with Lambda's own defaults: it knows nothing of Restate. */
export class PlainFunction extends Construct {
  constructor(scope: Construct, functionName: string, settings: FunctionSettings) {
    super(scope, functionName);
    const logGroup = new LogGroup(this, "Logs", settings.logs);
    const fn = new lambda.Function(this, "Function", {
      ...nodeFunction(`${settings.bundleDir}/${functionName}`),
      functionName,
      role: functionRole(this, logGroup),
      logGroup,
    });
    (fn.node.defaultChild as lambda.CfnFunction).addMetadata(PLAIN_FUNCTION, true);
  }
}
