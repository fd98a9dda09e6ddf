import { Duration, Lazy, RemovalPolicy, Size } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { SWITCHED_OFF } from "../call/index.ts";
import {
  DECLARED,
  type Declared,
  functionNameOf,
  type StagedScaling,
  secretNameOf,
  secretPrefix,
} from "../deployment/index.ts";
import { functionRole } from "./function-role.ts";
import type { FunctionTelemetry } from "./function-telemetry.ts";
import type { Infra, makeInfra } from "./infra.ts";
import { nodeFunction } from "./node-function.ts";
import type { LogSettings } from "./stage-settings.ts";

/** The settings that all functions of a deployment share. */
export interface FunctionSettings {
  /** The folder with a bundle, `<service>/index.mjs`, for each function. */
  bundleDir: string;
  /** A function is called `<namePrefix>-<service>`, a secret `<namePrefix>/<NAME>`. */
  namePrefix: string;
  project: string;
  stage: string;
  /** For a laptop's Lambda host: secrets are environment variables that it fills in. */
  local: boolean;
  /** How a function's log is kept. */
  logs: LogSettings;
  /**
   * Gives a function's next version what no other version of it has; `version` says what it depends on. Undefined on a laptop,
   * whose Lambda host publishes a version whenever it is told to.
   */
  revise: ((service: string, version: string) => string) | undefined;
  /** What it needs to tell of what it does. */
  telemetry: FunctionTelemetry;
  /** What a function needs beside its contract. */
  infra: (declaring: { name: string; env: Readonly<Record<string, string>> }) => ReturnType<typeof makeInfra>;
}

interface RestateFunctionProps {
  settings: FunctionSettings;
  /** The Restate service that the function serves. */
  service: string;
  /** What Lambda's console shows, cut to what fits. */
  description: string;
  /** How long one invocation may run, in seconds. */
  timeoutSeconds: number;
  /** Memory, and how many environments there may be at most and must be at least. */
  scaling: StagedScaling;
  /** The contract's environment variables with their default values. Default: none. */
  env?: Readonly<Record<string, string>>;
  /** Environment variables that the stack adds. Default: none. */
  environment?: Readonly<Record<string, string>>;
  /** Names of the secrets that the function reads at run time. Default: none. */
  secrets?: readonly string[];
  /** What the function's role may do besides writing its log and reading its secrets. Default: nothing. */
  permissions?: readonly PolicyStatement[];
  /** A secret of the whole deployment that the function reads by its name. Default: none. */
  sharedSecret?: ISecret | undefined;
}

/**
 * A Lambda function that is one Restate service: a bundle, its own role, its own log group, a version for each deployment.
 * Old versions are kept, because runs in flight finish on the version they started on.
 */
export class RestateFunction extends Construct {
  readonly service: string;
  readonly fn: lambda.Function;
  readonly logGroup: LogGroup;
  /** What this deployment publishes. */
  readonly version: lambda.Version;
  readonly scaling: StagedScaling;

  constructor(scope: Construct, id: string, props: RestateFunctionProps) {
    super(scope, id);
    const { settings, service, scaling, env = {}, secrets = [] } = props;
    this.service = service;
    this.scaling = scaling;
    const infra = settings.infra({ name: service, env });
    this.logGroup = new LogGroup(this, "Logs", {
      ...settings.logs,
      ...(infra.logRetention && { retention: infra.logRetention }),
    });
    const revision = settings.revise?.(service, this.versionId);
    const readsSecrets = !settings.local && (secrets.length > 0 || props.sharedSecret !== undefined);
    this.fn = new lambda.Function(this, "Function", {
      ...nodeFunction(`${settings.bundleDir}/${service}`, infra.architecture),
      functionName: functionNameOf(settings.namePrefix, service),
      description: revised(props.description, revision),
      ...configured(infra),
      ...this.#layers(infra, settings.telemetry),
      role: functionRole(this, this.logGroup, { inNetwork: infra.vpc !== undefined }),
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: scaling.memoryMb,
      environment: {
        ...env,
        ...infra.environment,
        ...props.environment,
        ...settings.telemetry.environment,
        ...(scaling.switchedOff && { [SWITCHED_OFF]: "on" }),
      },
      logGroup: this.logGroup,
      currentVersionOptions: versionOptions(props, revision),
      ...(scaling.maxConcurrency !== undefined && { reservedConcurrentExecutions: scaling.maxConcurrency }),
      ...(readsSecrets && {
        paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
          lambda.ParamsAndSecretsVersions.V1_0_103,
        ),
      }),
    });
    for (const name of secrets) this.#giveSecret(name, settings);
    if (settings.local)
      this.#markDeclared({ env: [...Object.keys(env), ...settings.telemetry.declared], secrets });
    if (readsSecrets) this.fn.addEnvironment("SECRETS_PREFIX", secretPrefix(settings.namePrefix));
    props.sharedSecret?.grantRead(this.fn);
    for (const statement of props.permissions ?? []) this.fn.addToRolePolicy(statement);
    infra.grant?.(this.fn);
    this.version = this.fn.currentVersion;
  }

  /** Changes whenever CDK sees the function change: it is how CDK makes CloudFormation publish a version. */
  get versionId(): string {
    return Lazy.uncachedString({
      produce: (context) => context.resolve((this.version.node.defaultChild as lambda.CfnVersion).logicalId),
    });
  }

  #layers({ layers = [] }: Infra, { layer }: FunctionTelemetry): { layers?: lambda.ILayerVersion[] } {
    if (layer === undefined) return {};
    return { layers: [...layers, lambda.LayerVersion.fromLayerVersionArn(this, "Collector", layer)] };
  }

  #markDeclared(declared: Declared): void {
    (this.fn.node.defaultChild as lambda.CfnFunction).addMetadata(DECLARED, declared);
  }

  #giveSecret(name: string, { local, namePrefix }: FunctionSettings): void {
    if (local) this.fn.addEnvironment(name, "");
    else Secret.fromSecretNameV2(this, name, secretNameOf(namePrefix, name)).grantRead(this.fn);
  }
}

/** What a tool's or an agent's own infrastructure sets of its function. */
function configured(infra: Infra): Partial<lambda.FunctionProps> {
  const { vpc, vpcSubnets, securityGroups, environmentKey, layers, ephemeralStorageMb } = infra;
  return {
    ...(vpc && { vpc }),
    ...(vpcSubnets && { vpcSubnets }),
    ...(securityGroups && { securityGroups }),
    ...(environmentKey && { environmentEncryption: environmentKey }),
    ...(layers && { layers }),
    ...(ephemeralStorageMb !== undefined && { ephemeralStorageSize: Size.mebibytes(ephemeralStorageMb) }),
  };
}

/** Old versions are kept. */
function versionOptions(
  { settings, scaling: { provisioned } }: RestateFunctionProps,
  revision: string | undefined,
): lambda.VersionOptions {
  return {
    removalPolicy: RemovalPolicy.RETAIN,
    // What CDK does not see change, such as an attribute of another resource, makes another version too.
    ...(revision !== undefined && { description: revision }),
    // On AWS it would stay on every retained version, and be billed: see ProvisionedConcurrency.
    ...(settings.local && provisioned > 0 && { provisionedConcurrentExecutions: provisioned }),
  };
}

/** What a function's description may hold, in characters. */
const MAX_DESCRIPTION = 256;
/** The time and `, flow control off`, in brackets after a blank. */
const MAX_REVISION = 45;

/** The description with the revision, which makes the function another one to Lambda than any before. */
function revised(description: string, revision: string | undefined): string {
  if (revision === undefined) return description.slice(0, MAX_DESCRIPTION);
  return `${description.slice(0, MAX_DESCRIPTION - MAX_REVISION)} (${revision})`;
}
