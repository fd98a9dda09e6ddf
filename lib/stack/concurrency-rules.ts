import { join } from "node:path";
import { CustomResource, Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { functionRole } from "./function-role.ts";
import { nodeFunction } from "./node-function.ts";
import type { RestateTarget } from "./restate-target.ts";

/** The bundle of the function that applies the rules, and its source. */
export const CONCURRENCY_RULES_BUNDLE = "concurrency-rules";
export const CONCURRENCY_RULES_HANDLER = join(import.meta.dirname, "concurrency-rules-handler.ts");

export interface ConcurrencyRulesProps {
  restate: RestateTarget;
  /** How many invocations of each scope may run at once; undefined: as many as there are. */
  limits: readonly { scope: string; concurrency: number | undefined }[];
  /** The name of the function that applies the rules for CloudFormation. */
  functionName: string;
  bundleDir: string;
  logGroup: LogGroup;
}

/**
 * Restate's own limits, through its admin API: calls beyond them wait at Restate, in place of being throttled by Lambda.
 * A server without flow control has none, which is no error.
 */
export class ConcurrencyRules extends Construct {
  /** `on` where the server enforces the limits, else `off`; known when the stack is deployed. */
  readonly scopes: string;

  constructor(scope: Construct, id: string, props: ConcurrencyRulesProps) {
    super(scope, id);
    const { restate, logGroup } = props;
    const { adminUrl, authToken, network } = restate;
    const fn = new lambda.Function(this, "Function", {
      ...nodeFunction(join(props.bundleDir, CONCURRENCY_RULES_BUNDLE)),
      functionName: props.functionName,
      description: "Applies concurrency rules to Restate for CloudFormation",
      role: functionRole(this, logGroup, { inNetwork: network !== undefined }),
      timeout: Duration.minutes(2),
      logGroup,
      ...network,
      ...(authToken && {
        paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
          lambda.ParamsAndSecretsVersions.V1_0_103,
        ),
      }),
    });
    authToken?.grantRead(fn);
    const rules = new CustomResource(this, "Rules", {
      serviceToken: fn.functionArn,
      resourceType: "Custom::RestateConcurrencyRules",
      serviceTimeout: Duration.minutes(5),
      properties: {
        adminUrl,
        apiKeySecret: authToken?.secretName,
        // As text, because CloudFormation makes text of every number.
        limits: JSON.stringify(props.limits.filter(({ concurrency }) => concurrency !== undefined)),
      },
    });
    rules.node.addDependency(fn, ...restate.ready);
    this.scopes = rules.getAttString("Scopes");
  }
}
