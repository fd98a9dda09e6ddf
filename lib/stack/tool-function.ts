import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SCOPES } from "../call/index.ts";
import type { Staged } from "../deployment/index.ts";
import { LAMBDA_ENDPOINT, parseLambdaReference, STAGE, type Tool } from "../tool/index.ts";
import { lambdaPermission } from "./lambda-permission.ts";
import { type FunctionSettings, RestateFunction } from "./restate-function.ts";

interface ToolFunctionProps {
  tool: Staged<Tool>;
  settings: FunctionSettings;
  /** `on` where the server limits the concurrency of scopes, `off` elsewhere; known when the stack is deployed. */
  scopes: string;
}

/** A tool's function, as its contract says: environment, secrets, scaling, and an end after the tool's own timeout. */
export class ToolFunction extends RestateFunction {
  constructor(scope: Construct, { tool: staged, settings, scopes }: ToolFunctionProps) {
    const { contract: tool, scaling, timeoutSeconds } = staged;
    const existing = parseLambdaReference(tool.lambda ?? "", settings.stage);
    super(scope, tool.name, {
      settings,
      service: tool.name,
      description: `Fanout tool: ${tool.description.split("\n")[0]}`,
      timeoutSeconds,
      scaling,
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
