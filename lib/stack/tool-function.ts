import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Tool } from "../tool/contract.ts";
import { SCOPES } from "../tool/flow-control.ts";
import { LAMBDA_ENDPOINT, parseLambdaReference, STAGE } from "../tool/lambda-reference.ts";
import { lambdaPermission } from "./lambda-permission.ts";
import { type FunctionSettings, RestateFunction } from "./restate-function.ts";
import { type ScalingOverride, scalingOf } from "./scaling.ts";
import { toolTimeout } from "./timeout.ts";

export interface ToolFunctionProps {
  tool: Tool;
  settings: FunctionSettings;
  /** `on` where the server limits the concurrency of scopes, `off` elsewhere; known when the stack is deployed. */
  scopes: string;
  /** What replaces the contract's scaling. Default: nothing. */
  override?: ScalingOverride | undefined;
}

/** A tool's function, as its contract says: environment, secrets, scaling, and an end after the tool's own timeout. */
export class ToolFunction extends RestateFunction {
  constructor(scope: Construct, { tool, settings, scopes, override }: ToolFunctionProps) {
    const existing = parseLambdaReference(tool.lambda ?? "", settings.stage);
    super(scope, tool.name, {
      settings,
      service: tool.name,
      description: `Fanout tool: ${tool.description.split("\n")[0]}`,
      timeoutSeconds: toolTimeout(tool, override),
      scaling: scalingOf(tool, override),
      env: tool.env,
      environment: {
        [SCOPES]: scopes,
        ...(existing && { [LAMBDA_ENDPOINT]: "", [STAGE]: settings.stage }),
      },
      secrets: tool.secrets,
      permissions: existing ? [lambdaPermission(Stack.of(scope), existing)] : [],
    });
  }
}
