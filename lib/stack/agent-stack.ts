import { join } from "node:path";
import {
  type IRestateEnvironment,
  RestateCloudEnvironment,
  RestateEnvironment,
  ServiceDeployer,
} from "@restatedev/restate-cdk";
import { RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { AGENT_TIMEOUT_SECONDS, type Agent } from "../agent/definition.ts";
import { providers as allProviders, parseModelName } from "../agent/models/providers.ts";
import type { Tool } from "../tool/contract.ts";
import { LAMBDA_ENDPOINT, parseLambdaReference } from "../tool/lambda-reference.ts";
import { bedrockPermissions } from "./bedrock.ts";
import type { DeploymentConfig, Target } from "./config.ts";
import { lambdaPermission } from "./lambda-permission.ts";
import { PlainFunction } from "./plain-function.ts";
import { RestateFunction } from "./restate-function.ts";

/** A function outlives its tool's own timeout by this much, so that the tool ends cleanly, in seconds. */
const TOOL_MARGIN_SECONDS = 15;

export interface AgentStackProps extends StackProps {
  tools: readonly Tool[];
  agents: readonly Agent[];
  /** Names of functions that are no Restate services: those that tools invoke. */
  plainFunctions: readonly string[];
  config: DeploymentConfig;
  /** The folder with one bundle, `<name>/index.mjs`, per tool, agent and plain function. */
  bundleDir: string;
}

/** Every tool and agent as its own Lambda function, registered with Restate: tools private, agents public and last. */
export class AgentStack extends Stack {
  constructor(scope: Construct, id: string, props: AgentStackProps) {
    super(scope, id, props);
    const { target } = props.config;
    const restate = restateEnvironment(this, target);
    const deployer = new ServiceDeployer(this, "Deployer", { removalPolicy: RemovalPolicy.DESTROY });

    const registeredTools = props.tools.map((tool) =>
      this.toolFunction(tool, props).register(deployer, restate, { private: true, after: [] }),
    );
    for (const agent of props.agents) {
      this.agentFunction(agent, props).register(deployer, restate, {
        private: false,
        after: registeredTools,
      });
    }
    for (const functionName of props.plainFunctions) {
      new PlainFunction(this, functionName, { functionName, codeDir: join(props.bundleDir, functionName) });
    }
  }

  private toolFunction(tool: Tool, props: AgentStackProps): RestateFunction {
    const existing = parseLambdaReference(tool.lambda ?? "");
    return new RestateFunction(this, tool.name, {
      ...this.naming(tool.name, props),
      description: `Fanout tool: ${tool.description.split("\n")[0]}`.slice(0, 256),
      timeoutSeconds: tool.timeout.seconds + TOOL_MARGIN_SECONDS,
      scaling: tool.scaling,
      env: existing ? { ...tool.env, [LAMBDA_ENDPOINT]: "" } : tool.env,
      secrets: tool.secrets,
      permissions: existing ? [lambdaPermission(this, existing)] : [],
    });
  }

  private agentFunction(agent: Agent, props: AgentStackProps): RestateFunction {
    const model = props.config.model ?? agent.model;
    const models = [...new Set([model, ...agent.models])].map(parseModelName);
    const providers = models.map(({ provider }) => provider);
    const onBedrock = models.filter(({ provider }) => provider === allProviders.bedrock);
    return new RestateFunction(this, agent.name, {
      ...this.naming(agent.name, props),
      description: `Fanout agent: ${agent.description}`.slice(0, 256),
      timeoutSeconds: AGENT_TIMEOUT_SECONDS,
      scaling: agent.scaling,
      env: Object.assign({ MODEL: model, RESTATE_SCOPES: "off" }, ...providers.map(({ env }) => env)),
      secrets: [...new Set(providers.flatMap(({ secrets }) => secrets))],
      permissions: onBedrock.flatMap(({ modelId }) => bedrockPermissions(this, modelId)),
    });
  }

  private naming(service: string, { bundleDir, config }: AgentStackProps) {
    return {
      service,
      functionName: `${config.name}-${service}`,
      codeDir: join(bundleDir, service),
      secretsPrefix: config.target.kind === "local" ? undefined : `${config.name}/`,
    };
  }
}

function restateEnvironment(stack: Stack, target: Target): IRestateEnvironment {
  switch (target.kind) {
    case "local":
    case "existing":
    case "self-hosted":
      return RestateEnvironment.fromAttributes({ adminUrl: "http://127.0.0.1:9070" });
    case "cloud":
      return new RestateCloudEnvironment(stack, "RestateCloud", {
        environmentId: target.environmentId,
        region: target.region,
        apiKey: Secret.fromSecretNameV2(stack, "RestateApiKey", target.apiKeySecret),
      });
  }
}
