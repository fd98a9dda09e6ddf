import { Stack } from "aws-cdk-lib";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { type Agent, providers as allProviders, modelsOf, parseModelName } from "../agent/index.ts";
import { SCOPES } from "../call/index.ts";
import type { Staged } from "../deployment/index.ts";
import { INGRESS_KEY, INGRESS_URL } from "../events/index.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { bedrockPermissions } from "./bedrock.ts";
import { type FunctionSettings, RestateFunction } from "./restate-function.ts";

interface AgentFunctionProps {
  agent: Staged<Agent>;
  settings: FunctionSettings;
  /** Replaces the agent's model. Default: its own. */
  model: string | undefined;
  /** `on` if the server limits the concurrency of scopes, else `off`; known when the stack is deployed. */
  scopes: string;
  /** Where runs may be told what a model writes, and with which key. */
  ingress: { url: string; key: ISecret } | undefined;
}

/** An agent's function: it may ask the agent's models, and reads only the secrets of their providers. */
export class AgentFunction extends RestateFunction {
  constructor(scope: Construct, { agent: staged, settings, model, scopes, ingress }: AgentFunctionProps) {
    const { contract: agent, scaling, timeoutSeconds } = staged;
    const main = model ?? agent.model;
    const models = modelsOf(agent, main).map(parseModelName);
    const providers = models.map(({ provider }) => provider);
    const onBedrock = models.filter(({ provider }) => provider === allProviders.bedrock);
    const permissions = onBedrock.flatMap(({ modelId }) => bedrockPermissions(Stack.of(scope), modelId));
    super(scope, agent.name, {
      settings,
      service: agent.name,
      description: `Fanout agent: ${agent.description}`,
      timeoutSeconds,
      scaling,
      env: Object.assign({}, ...providers.map(({ env }) => env)),
      environment: {
        MODEL: main,
        [SCOPES]: scopes,
        // A laptop's Lambda host fills it in.
        ...(settings.local && { [INGRESS_URL]: "" }),
        ...(ingress && { [INGRESS_URL]: ingress.url, [INGRESS_KEY]: ingress.key.secretName }),
      },
      sharedSecret: ingress?.key,
      secrets: [...new Set(providers.flatMap(({ secrets }) => secrets))],
      permissions,
    });
    for (const resource of permissions.flatMap(({ resources }) => resources)) {
      if (!resource.includes("*")) continue;
      acknowledgeWildcard(
        this,
        resource,
        "An inference profile asks its model in any region; the condition allows that through the profile only.",
      );
    }
  }
}
