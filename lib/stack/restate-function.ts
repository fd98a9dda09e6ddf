import { type IRestateEnvironment, RestateEnvironment, type ServiceDeployer } from "@restatedev/restate-cdk";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct, type IConstruct } from "constructs";
import { BUNDLE_HANDLER } from "./bundle.ts";

export interface RestateFunctionProps {
  /** The Restate service that the function serves. */
  service: string;
  /** The Lambda function's name. */
  functionName: string;
  /** The folder of the bundle. */
  codeDir: string;
  description: string;
  /** How long one invocation may run. */
  timeoutSeconds: number;
  scaling: { memoryMb: number; maxConcurrency?: number | undefined; provisioned: number };
  env: Readonly<Record<string, string>>;
  /** Names of the secrets that the function reads at run time. */
  secrets: readonly string[];
  /** Where secret values come from: Secrets Manager, under this name prefix, or the function's own environment (laptop). */
  secretsPrefix: string | undefined;
  /** What the function's role may do beside writing logs and reading its secrets. */
  permissions: readonly PolicyStatement[];
}

/**
 * One Lambda function that is one Restate service: bundle, own role, own log group, a version per deployment.
 * Old versions are kept, because runs in flight finish on the version they started on.
 */
export class RestateFunction extends Construct {
  readonly service: string;
  readonly version: lambda.Version;

  constructor(scope: Construct, id: string, props: RestateFunctionProps) {
    super(scope, id);
    this.service = props.service;
    const fn = new lambda.Function(this, "Function", {
      functionName: props.functionName,
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: BUNDLE_HANDLER,
      code: lambda.Code.fromAsset(props.codeDir),
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.scaling.memoryMb,
      environment: { ...props.env },
      loggingFormat: lambda.LoggingFormat.JSON,
      logGroup: new LogGroup(this, "Logs", {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      currentVersionOptions: {
        removalPolicy: RemovalPolicy.RETAIN,
        ...(props.scaling.provisioned > 0 && { provisionedConcurrentExecutions: props.scaling.provisioned }),
      },
      ...(props.scaling.maxConcurrency !== undefined && {
        reservedConcurrentExecutions: props.scaling.maxConcurrency,
      }),
      ...(props.secrets.length > 0 &&
        props.secretsPrefix !== undefined && {
          paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
            lambda.ParamsAndSecretsVersions.V1_0_103,
          ),
        }),
    });
    this.giveSecrets(fn, props);
    for (const statement of props.permissions) fn.addToRolePolicy(statement);
    this.version = fn.currentVersion;
  }

  private giveSecrets(fn: lambda.Function, { secrets, secretsPrefix }: RestateFunctionProps): void {
    for (const name of secrets) {
      if (secretsPrefix === undefined) fn.addEnvironment(name, "");
      else Secret.fromSecretNameV2(this, name, `${secretsPrefix}${name}`).grantRead(fn);
    }
    if (secretsPrefix !== undefined && secrets.length > 0) fn.addEnvironment("SECRETS_PREFIX", secretsPrefix);
  }

  /**
   * Registers this version with Restate.
   * @param options `private`: only other services may call it; `after`: what must be registered before.
   * @returns the registration, for others to wait for.
   */
  register(
    deployer: ServiceDeployer,
    environment: IRestateEnvironment,
    options: { private: boolean; after: readonly IConstruct[] },
  ): IConstruct {
    deployer.deployService(this.service, this.version, RestateEnvironment.fromAttributes(environment), {
      private: options.private,
      pruneDrainedDeployments: true,
      revisionHistoryLimit: 5,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const registration = this.version.node.findChild("RestateServiceDeployment");
    // The deployer's permissions, and those of Restate's invoker role, must be there before discovery.
    registration.node.addDependency(deployer, ...options.after);
    return registration;
  }
}
