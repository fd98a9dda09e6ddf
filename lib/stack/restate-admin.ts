import { join } from "node:path";
import { CustomResource, Duration, Lazy, Stack } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct, type IConstruct } from "constructs";
import { REVISION, type Revision } from "./custom-resources/restate-admin/revision.ts";
import { type Limit, RULES } from "./custom-resources/restate-admin/rules.ts";
import { SERVICE } from "./custom-resources/restate-admin/service.ts";
import { functionRole } from "./function-role.ts";
import { kitFile } from "./kit-file.ts";
import { nodeFunction } from "./node-function.ts";
import type { RestateFunction } from "./restate-function.ts";
import type { RestateTarget } from "./targets/target.ts";

/** The function's bundle and its source. */
export const RESTATE_ADMIN_BUNDLE = "restate-admin";
export const RESTATE_ADMIN_HANDLER = kitFile("stack/custom-resources/restate-admin/handler");

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
   * @param limits how many invocations of each scope may run at once; asked for when the template is written.
   * @returns `on` if the server enforces limits, `off` if it has no flow control; known when the stack is deployed.
   */
  limitScopes(limits: () => readonly Limit[]): string {
    const rules = this.#atRestate(this, "Rules", RULES, {
      limits: Lazy.string({ produce: () => JSON.stringify(limits()) }),
      deployment: new Date().toISOString(),
    });
    return rules.getAttString("Scopes");
  }

  /**
   * @param scope where in the stack the function is.
   * @param revision what the function's next version depends on.
   * @returns what is new whenever that changes; known when the stack is deployed.
   */
  revise(scope: Construct, service: string, revision: Revision): string {
    const resource = this.#resource(this.#in(scope), `Revision-${service}`, REVISION, { ...revision });
    return resource.getAttString("Revision");
  }

  /** Unregisters all versions of a function when it is removed from the stack, or the stack is deleted. */
  removeWith(one: RestateFunction, registration: IConstruct): void {
    const { service, fn } = one;
    const { functionArn } = fn;
    const resource = this.#atRestate(this.#in(one), `Service-${service}`, SERVICE, { service, functionArn });
    // Created after it, so deleted before it.
    resource.node.addDependency(registration);
  }

  /** What belongs to a function is in its stack, so that they come and go together. */
  #in(scope: Construct): Construct {
    const stack = Stack.of(scope);
    if (stack === Stack.of(this)) return this;
    const { id } = this.node;
    return (stack.node.tryFindChild(id) as Construct | undefined) ?? new Construct(stack, id);
  }

  #atRestate(scope: Construct, id: string, resourceType: string, properties: object): CustomResource {
    const { adminUrl, authToken, ready } = this.#restate;
    const apiKeySecret = authToken?.secretName;
    const resource = this.#resource(scope, id, resourceType, { adminUrl, apiKeySecret, ...properties });
    resource.node.addDependency(...ready);
    return resource;
  }

  #resource(
    scope: Construct,
    id: string,
    resourceType: string,
    properties: Record<string, unknown>,
  ): CustomResource {
    const resource = new CustomResource(scope, id, {
      serviceToken: this.#fn.functionArn,
      resourceType,
      serviceTimeout: Duration.minutes(5),
      properties,
    });
    // The function's permissions are children of it.
    resource.node.addDependency(this.#fn);
    return resource;
  }
}
