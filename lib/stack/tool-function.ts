import { Arn, ArnFormat, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { SCOPES } from "../call/index.ts";
import type { Staged } from "../deployment/index.ts";
import {
  DEPLOYMENT,
  LAMBDA_ENDPOINT,
  type LambdaReference,
  parseLambdaReference,
  type Tool,
} from "../tool/index.ts";
import { type FunctionSettings, RestateFunction } from "./restate-function.ts";

interface ToolFunctionProps {
  tool: Staged<Tool>;
  settings: FunctionSettings;
  /** `on` if the server limits the concurrency of scopes, else `off`; known when the stack is deployed. */
  scopes: string;
}

/** Where a laptop's function looks for an MCP server's command; the person's own setting counts. */
const PROGRAMS = { PATH: "/usr/bin:/bin" };

/** A tool's function according to its contract: environment, secrets, scaling, and a timeout beyond the tool's own. */
export class ToolFunction extends RestateFunction {
  constructor(scope: Construct, { tool: staged, settings, scopes }: ToolFunctionProps) {
    const { contract: tool, scaling, timeoutSeconds } = staged;
    const existing = parseLambdaReference(tool.lambda ?? "", settings);
    super(scope, tool.name, {
      settings,
      service: tool.name,
      description: `Fanout tool: ${tool.description.split("\n")[0]}`,
      timeoutSeconds,
      scaling,
      env: { ...tool.env, ...(settings.local && tool.mcp?.hasCommand && PROGRAMS) },
      environment: {
        [SCOPES]: scopes,
        ...(existing && {
          [LAMBDA_ENDPOINT]: "",
          [DEPLOYMENT.project]: settings.project,
          [DEPLOYMENT.stage]: settings.stage,
        }),
      },
      secrets: tool.secrets,
      permissions: existing ? [lambdaPermission(Stack.of(scope), existing)] : [],
    });
  }
}

/**
 * What a role needs to invoke one function: exactly the version or alias named, or else the unqualified function.
 * A name without an ARN belongs to the stack's own account and region.
 */
function lambdaPermission(stack: Stack, { name, arn, qualifier }: LambdaReference): PolicyStatement {
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
