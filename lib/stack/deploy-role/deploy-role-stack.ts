import {
  CfnOutput,
  DefaultStackSynthesizer,
  Duration,
  RemovalPolicy,
  Stack,
  type StackProps,
} from "aws-cdk-lib";
import { OidcProviderNative, OpenIdConnectPrincipal, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { type DeployRoleConfig, functionNameOf, secretNameOf } from "../../deployment/index.ts";
import { acknowledgeWildcard } from "../acknowledge.ts";
import { boundary, type StackSettings } from "../stack-settings.ts";

const ISSUER = "token.actions.githubusercontent.com";
/** Who a token for AWS is meant for, as GitHub's action for AWS asks for it. */
const AUDIENCE = "sts.amazonaws.com";
/** Of the roles that `cdk bootstrap` makes, those that a stack without container images is deployed with. */
const BOOTSTRAP_ROLES = ["deploy-role", "file-publishing-role", "lookup-role"];

export interface DeployRoleStackProps extends StackProps {
  config: DeployRoleConfig;
  /** Tells CDK's bootstrap stacks apart. Default: CDK's own. */
  qualifier?: string;
  /** Its tags and permissions boundary are this stack's too. Default: none. */
  settings?: StackSettings;
}

/**
 * The role with which GitHub deploys one stage, without a stored key. It trusts one repository's jobs in the environment that is
 * named after the stage; GitHub decides which branches and people may use that environment. It may become the bootstrap roles of
 * its account and region, and read what `fanout deploy` looks at.
 * @see https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
export class DeployRoleStack extends Stack {
  constructor(scope: Construct, id: string, props: DeployRoleStackProps) {
    const { config, qualifier, settings: { tags, permissionsBoundary } = {} } = props;
    super(scope, id, {
      ...(tags && { tags: { ...tags } }),
      ...(permissionsBoundary && { permissionsBoundary: boundary(permissionsBoundary) }),
      ...props,
    });
    const { repository, deployment } = config;
    const role = new Role(this, "Role", {
      description: `${repository} deploys ${deployment.name} from GitHub`,
      maxSessionDuration: Duration.hours(1),
      assumedBy: new OpenIdConnectPrincipal(this.#provider(config.provider), {
        StringEquals: {
          [`${ISSUER}:aud`]: AUDIENCE,
          [`${ISSUER}:sub`]: `repo:${repository}:environment:${deployment.stage}`,
        },
      }),
    });
    role.addToPolicy(this.#becomeBootstrapRoles(qualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER));
    for (const statement of this.#read(config, qualifier)) role.addToPolicy(statement);
    this.#explainWildcards(role, config);
    new CfnOutput(this, "DeployRoleArn", { value: role.roleArn });
  }

  /** Other stages' roles use the same one, so it stays when this stack goes. */
  #provider(existing: string | undefined) {
    if (existing !== undefined) return OidcProviderNative.fromOidcProviderArn(this, "GitHub", existing);
    return new OidcProviderNative(this, "GitHub", {
      url: `https://${ISSUER}`,
      clientIds: [AUDIENCE],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #becomeBootstrapRoles(qualifier: string): PolicyStatement {
    const { account, region } = this;
    const names = BOOTSTRAP_ROLES.map((role) => `cdk-${qualifier}-${role}-${account}-${region}`);
    return new PolicyStatement({
      actions: ["sts:AssumeRole"],
      resources: names.map((name) => this.#arn("iam", `role/${name}`, "")),
    });
  }

  /** What the preflight and the examination of `fanout deploy` read. The smoke run needs Restate's key only. */
  #read({ deployment }: DeployRoleConfig, qualifier: string = DefaultStackSynthesizer.DEFAULT_QUALIFIER) {
    const { target } = deployment;
    return [
      new PolicyStatement({
        actions: ["ssm:GetParameter"],
        resources: [this.#arn("ssm", `parameter/cdk-bootstrap/${qualifier}/version`)],
      }),
      // Restate's API key is tried before anything is changed. The deployment itself gives it to functions.
      ...("apiKeySecret" in target
        ? [
            new PolicyStatement({
              actions: ["secretsmanager:GetSecretValue"],
              resources: [this.#arn("secretsmanager", `secret:${target.apiKeySecret}-??????`)],
            }),
          ]
        : []),
      new PolicyStatement({
        actions: ["secretsmanager:DescribeSecret"],
        resources: [this.#secrets(deployment.name)],
      }),
      new PolicyStatement({
        actions: [
          "lambda:GetFunctionConcurrency",
          "lambda:ListProvisionedConcurrencyConfigs",
          "lambda:ListVersionsByFunction",
        ],
        resources: [this.#functions(deployment.name)],
      }),
      new PolicyStatement({ actions: ["lambda:GetAccountSettings"], resources: ["*"] }),
    ];
  }

  #explainWildcards(role: Role, { deployment: { name } }: DeployRoleConfig): void {
    const ofStage = "What a stage has is named after it, and changes with the tools and agents that it has.";
    acknowledgeWildcard(role, this.#secrets(name), `${ofStage} Values cannot be read.`);
    acknowledgeWildcard(role, this.#functions(name), ofStage);
    acknowledgeWildcard(role, "*", "lambda:GetAccountSettings knows no resource.");
  }

  #secrets = (name: string) => this.#arn("secretsmanager", `secret:${secretNameOf(name, "*")}`);
  #functions = (name: string) => this.#arn("lambda", `function:${functionNameOf(name, "*")}`);

  #arn(service: string, resource: string, region = this.region): string {
    return `arn:${this.partition}:${service}:${region}:${this.account}:${resource}`;
  }
}
