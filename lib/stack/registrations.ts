import { join } from "node:path";
import { RestateEnvironment, ServiceDeployer } from "@restatedev/restate-cdk";
import { Arn, ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct, type IConstruct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { BUNDLE_HANDLER } from "./bundle.ts";
import { functionRole } from "./function-role.ts";
import { kitFile } from "./kit-file.ts";
import type { RestateFunction } from "./restate-function.ts";
import type { RestateTarget } from "./targets/target.ts";

/** The bundle of the function that registers, and its source. */
export const RESTATE_REGISTRATION_BUNDLE = "restate-registration";
export const RESTATE_REGISTRATION_HANDLER = kitFile("stack/custom-resources/registration/handler");

/** How many old registrations of a service are kept though no run needs them, to allow a rollback without a deployment. */
const REVISION_HISTORY = 5;

/**
 * How many services of a stack are registered at the same time. Each registration changes Restate's one list of services, and a
 * busy server gives up on some of 16 at once.
 */
const MOST_AT_ONCE = 4;

interface RegistrationsProps {
  restate: RestateTarget;
  /** The name of the function that registers for CloudFormation. It must not begin with `invocable`. */
  functionName: string;
  /** The folder with the function's bundle. */
  bundleDir: string;
  logGroup: LogGroup;
  /** Restate may invoke the published versions of functions whose names begin with this. */
  invocable: string;
}

/** Registers functions with Restate, and lets Restate invoke them. */
export class Registrations extends Construct {
  readonly #restate: RestateTarget;
  readonly #deployer: ServiceDeployer;
  /** What must exist before a function can be registered, because registering makes Restate invoke it. */
  readonly #before: IConstruct[];
  /** The registrations so far, by their stack. */
  readonly #registered = new Map<Stack, IConstruct[]>();

  constructor(scope: Construct, id: string, props: RegistrationsProps) {
    super(scope, id);
    const { restate, functionName, bundleDir, logGroup, invocable } = props;
    this.#restate = restate;
    const role = functionRole(this, logGroup, { inNetwork: restate.network !== undefined });
    this.#deployer = new ServiceDeployer(this, "Deployer", {
      functionName,
      code: lambda.Code.fromAsset(join(bundleDir, RESTATE_REGISTRATION_BUNDLE)),
      handler: BUNDLE_HANDLER,
      logGroup,
      role,
      runtime: lambda.Runtime.NODEJS_24_X,
      ...restate.network,
    });
    this.#before = [role, this.#deployer, ...this.#letInvoke(invocable), ...restate.ready];
  }

  /**
   * One statement for all functions: beyond some forty of them, a statement for each, as restate-cdk adds it, would not fit
   * into a role's policy.
   */
  #letInvoke(prefix: string): IConstruct[] {
    const { invokerRole } = this.#restate;
    if (!invokerRole) return [];
    const versions = Arn.format(
      {
        service: "lambda",
        resource: "function",
        resourceName: `${prefix}*:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      },
      Stack.of(this),
    );
    const policy = new Policy(this, "InvocationPolicy", {
      statements: [new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [versions] })],
      roles: [invokerRole],
    });
    acknowledgeWildcard(
      policy,
      versions,
      "Restate invokes the versions of the stack's tools and agents. Every deployment gives these new numbers; nothing else has this prefix.",
    );
    return [policy];
  }

  /**
   * Registers a function's version with Restate.
   * @param options `private`: only other services may call it; `after`: what must be registered before.
   * @returns the registration, for others to wait for.
   */
  register(
    { service, version }: RestateFunction,
    options: { private: boolean; after: readonly IConstruct[] },
  ): IConstruct {
    this.#deployer.deployService(service, version, RestateEnvironment.fromAttributes(this.#restate), {
      private: options.private,
      // So that rolling back a deployment makes the previous version live again. It would also overwrite different code at the
      // same address, but a version's code never changes.
      force: true,
      pruneDrainedDeployments: true,
      revisionHistoryLimit: REVISION_HISTORY,
      removalPolicy: RemovalPolicy.DESTROY,
      skipInvokeFunctionGrant: true,
    });
    const registration = version.node.findChild("RestateServiceDeployment");
    registration.node.addDependency(...this.#before, ...options.after);
    this.#queue(registration);
    return registration;
  }

  #queue(registration: IConstruct): void {
    const stack = Stack.of(registration);
    const queue = this.#registered.get(stack) ?? [];
    this.#registered.set(stack, queue);
    const earlier = queue.at(-MOST_AT_ONCE);
    if (earlier) registration.node.addDependency(earlier);
    queue.push(registration);
  }
}
