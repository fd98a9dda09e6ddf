import { join } from "node:path";
import { CustomResource, Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { RULES } from "./custom-resources/restate-admin/rules.ts";
import { UNREGISTRATION } from "./custom-resources/restate-admin/unregister.ts";
import { functionRole } from "./function-role.ts";
import { nodeFunction } from "./node-function.ts";
import type { RestateTarget } from "./targets/target.ts";

/** The function's bundle and its source. */
export const RESTATE_ADMIN_BUNDLE = "restate-admin";
export const RESTATE_ADMIN_HANDLER = join(import.meta.dirname, "custom-resources/restate-admin/handler.ts");

interface RestateAdminProps {
  restate: RestateTarget;
  functionName: string;
  /** The folder with the function's bundle. */
  bundleDir: string;
  logGroup: LogGroup;
}

/** A function that changes, for CloudFormation, what Restate's admin API sets besides registrations. */
export class RestateAdmin extends Construct {
  readonly #restate: RestateTarget;
  readonly #fn: lambda.Function;

  constructor(
    scope: Construct,
    id: string,
    { restate, functionName, bundleDir, logGroup }: RestateAdminProps,
  ) {
    super(scope, id);
    const { authToken, network } = restate;
    this.#restate = restate;
    this.#fn = new lambda.Function(this, "Function", {
      ...nodeFunction(join(bundleDir, RESTATE_ADMIN_BUNDLE)),
      functionName,
      description:
        "Applies concurrency rules to Restate and removes registrations from it, for CloudFormation",
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
    authToken?.grantRead(this.#fn);
  }

  /**
   * Restate's own limits: calls beyond them wait at Restate instead of being throttled by Lambda.
   * @param limits how many invocations of each scope may run at once; undefined means no limit.
   * @returns `on` if the server enforces limits, `off` if it has no flow control; known when the stack is deployed.
   */
  limitScopes(limits: readonly { scope: string; concurrency: number | undefined }[]): string {
    const bounded = limits.filter(({ concurrency }) => concurrency !== undefined);
    return this.#resource("Rules", RULES, { limits: JSON.stringify(bounded) }).getAttString("Scopes");
  }

  /** Unregisters all versions of functions when they are removed from the stack, or the stack is deleted. */
  unregisterWithStack(functions: readonly lambda.Function[]): CustomResource {
    const functionArns = functions.map(({ functionArn }) => functionArn);
    return this.#resource("Unregistration", UNREGISTRATION, { functionArns });
  }

  #resource(id: string, resourceType: string, properties: Record<string, unknown>): CustomResource {
    const { adminUrl, authToken, ready } = this.#restate;
    const resource = new CustomResource(this, id, {
      serviceToken: this.#fn.functionArn,
      resourceType,
      serviceTimeout: Duration.minutes(5),
      properties: { adminUrl, apiKeySecret: authToken?.secretName, ...properties },
    });
    // The function's permissions are children of it.
    resource.node.addDependency(this.#fn, ...ready);
    return resource;
  }
}
