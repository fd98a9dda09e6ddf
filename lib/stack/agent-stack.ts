import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { conversationOf } from "../agent/index.ts";
import {
  type DeploymentConfig,
  type Roster,
  type StagedRoster,
  stageRoster,
  type ToolStacks,
} from "../deployment/index.ts";
import { TOOL_CALLS } from "../tool-calls/index.ts";
import { AgentFunction } from "./agent-function.ts";
import { Canary, type CanarySettings } from "./canary/canary.ts";
import { acknowledgeDepartures } from "./departures.ts";
import { functionTelemetry } from "./function-telemetry.ts";
import { type InfraByService, makeInfra } from "./infra.ts";
import { Monitoring } from "./monitoring/monitoring.ts";
import { namedAfter, nestTools } from "./nested-stacks.ts";
import { PlainFunction } from "./plain-function.ts";
import { ProvisionedConcurrency } from "./provisioned-concurrency.ts";
import { Registrations } from "./registrations.ts";
import { RestateAdmin } from "./restate-admin.ts";
import type { FunctionSettings, RestateFunction } from "./restate-function.ts";
import { RunEventsFunction } from "./run-events/run-events-function.ts";
import { ServerFunction } from "./server/server-function.ts";
import { boundary, exposedOf, notifierOf, type StackSettings } from "./stack-settings.ts";
import { type StageSettings, stageSettings } from "./stage-settings.ts";
import { StuckRuns } from "./stuck-runs/stuck-runs.ts";
import { restateTarget } from "./targets/index.ts";
import type { RestateTarget } from "./targets/target.ts";
import { ToolFunction } from "./tool-function.ts";

export interface AgentStackProps extends StackProps, Roster {
  /** Names of the functions that are not Restate services: those that tools invoke. Default: none. */
  plainFunctions?: readonly string[];
  /** Whether the project has routes to serve; a laptop serves its own. Default: false. */
  server?: boolean;
  /** Which tools are in nested stacks; a laptop has none. Default: none is. */
  toolStacks?: ToolStacks | undefined;
  /** Where it is deployed, and how: what `readDeploymentConfig` of `fanout/deployment` reads from the environment. */
  config: DeploymentConfig;
  /** What functions need beside their contracts, on AWS. Default: nothing. */
  infra?: InfraByService;
  /** A setting of the deployment, for those. Default: none has a value. */
  setting?: (name: string) => string;
  /** What the account asks of everything in the stack. Default: nothing. */
  settings?: StackSettings;
  /** The folder with a bundle, `<name>/index.mjs`, for each tool, agent and plain function, and the stack's own. */
  bundleDir: string;
}

/** Each tool and agent as its own Lambda function, registered with Restate: tools private, agents public and last. */
export class AgentStack extends Stack {
  readonly #props: AgentStackProps;
  readonly #roster: StagedRoster;
  readonly #stage: StageSettings;
  readonly #restate: RestateTarget;
  /** Undefined on a laptop. */
  readonly #restateAdmin: RestateAdmin | undefined;
  /** The log of the functions that work for CloudFormation while the stack is deployed. */
  readonly #deploymentLogs: LogGroup;

  constructor(scope: Construct, id: string, props: AgentStackProps) {
    const { config, plainFunctions = [], toolStacks = {}, settings: own = {} } = props;
    super(scope, id, {
      terminationProtection: config.tier === "prod",
      ...(own.tags && { tags: { ...own.tags } }),
      ...(own.permissionsBoundary && { permissionsBoundary: boundary(own.permissionsBoundary) }),
      ...props,
    });
    this.#props = props;
    this.#roster = stageRoster(props, config);
    this.#stage = stageSettings(this, config.tier, own);
    this.#deploymentLogs = new LogGroup(this, "DeploymentLogs", this.#stage.logs);
    this.#restate = restateTarget(this, config.target, this.#stage);
    this.#restateAdmin = this.#local ? undefined : this.#createRestateAdmin();
    const scopes = this.#limitScopes(() => [...tools, ...agents]);
    const placeOf = nestTools(this, props.tools, this.#local ? {} : toolStacks);
    const tools = this.#roster.tools.map((tool) => {
      const place = placeOf(tool.contract.name);
      return new ToolFunction(place, { tool, settings: this.#settings(place, scopes), scopes });
    });
    const settings = this.#settings(this, scopes);
    const { ingressUrl, ingressKey } = this.#restate;
    const ingress = ingressKey && { url: ingressUrl, key: ingressKey };
    const agents = this.#roster.agents.map(
      (agent) => new AgentFunction(this, { agent, settings, scopes, model: config.model, ingress }),
    );
    const notifier = notifierOf(own, props.tools);
    const exposed = exposedOf(own, props.tools, { local: this.#local });
    const events = new RunEventsFunction(this, {
      events: this.#roster.events,
      settings,
      scopes,
      notifier,
      exposed,
    });
    for (const functionName of plainFunctions) new PlainFunction(this, functionName, settings);

    this.#register(tools, agents, events);
    this.#keepWarm([...tools, ...agents, events]);
    const server = this.#serve();
    if (config.monitoring !== "off") this.#monitor(tools, agents, events, server);
    if (own.canary && !this.#local) this.#keepAsking(own.canary);
    if (!this.#local) acknowledgeDepartures(this, this.#stage.logs);
    new CfnOutput(this, "IngressUrl", { value: ingressUrl });
  }

  /** What the functions in one stack share. */
  #settings(place: Stack, scopes: string): FunctionSettings {
    const { config, bundleDir } = this.#props;
    const restateAdmin = this.#restateAdmin;
    return {
      bundleDir,
      namePrefix: config.name,
      project: config.project,
      stage: config.stage,
      local: this.#local,
      logs: this.#stage.logs,
      telemetry: functionTelemetry(config),
      infra: (contract) => this.#infraOf(contract, place),
      revise:
        restateAdmin &&
        ((service, version) =>
          `${restateAdmin.revise(place, service, { version, scopes })}, flow control ${scopes}`),
    };
  }

  #infraOf(
    contract: { name: string; env: Readonly<Record<string, string>> },
    place: Stack,
  ): ReturnType<typeof makeInfra> {
    const { config, infra = new Map(), setting = () => "" } = this.#props;
    return this.#local ? {} : makeInfra(place, contract, infra, { ...config, setting });
  }

  get #local(): boolean {
    return this.#props.config.target.kind === "local";
  }

  #createRestateAdmin(): RestateAdmin {
    const { config, bundleDir } = this.#props;
    return new RestateAdmin(this, "RestateAdmin", {
      restate: this.#restate,
      functionName: `restate-admin-${config.name}`,
      bundleDir,
      logGroup: this.#deploymentLogs,
    });
  }

  /** Limits each function's calls at Restate, if the server can. @returns `on` or `off`, known when the stack is deployed. */
  #limitScopes(functions: () => readonly RestateFunction[]): string {
    const limits = () =>
      functions().map(({ service, scaling, versionId }) => ({
        scope: service,
        concurrency: scaling.maxConcurrency,
        version: this.resolve(versionId) as string,
      }));
    // The local platform asks its own server.
    return this.#restateAdmin?.limitScopes(limits) ?? "off";
  }

  #register(
    tools: readonly ToolFunction[],
    agents: readonly AgentFunction[],
    events: RunEventsFunction,
  ): void {
    const {
      config: { name },
      bundleDir,
    } = this.#props;
    const registrations = new Registrations(this, "Registrations", {
      restate: this.#restate,
      functionName: `restate-registration-${name}`,
      bundleDir,
      logGroup: this.#deploymentLogs,
      invocable: `${name}-`,
    });
    const register = (one: RestateFunction, options: Parameters<Registrations["register"]>[1]) => {
      const registration = registrations.register(one, options);
      this.#restateAdmin?.removeWith(one, registration);
      return registration;
    };
    const after = [
      ...tools.map((tool) => register(tool, { private: true, after: [] })),
      register(events, { private: false, after: [] }),
    ];
    for (const agent of agents) register(agent, { private: false, after });
  }

  #monitor(
    tools: readonly ToolFunction[],
    agents: readonly AgentFunction[],
    events: RunEventsFunction,
    server: ServerFunction | undefined,
  ): void {
    const { config, bundleDir } = this.#props;
    const { name, alarmTopic } = config;
    const { metric: stuckRuns } = new StuckRuns(this, "StuckRuns", {
      restate: this.#restate,
      name,
      services: [
        ...[...agents, ...tools, events].map(({ service }) => service),
        ...agents.map(({ service }) => conversationOf(service)),
        TOOL_CALLS,
      ],
      alarmTopic,
      bundleDir,
      logGroup: this.#deploymentLogs,
    });
    new Monitoring(this, "Monitoring", {
      config,
      agents,
      others: [...tools, events, ...(server ? [server] : [])],
      stuckRuns,
    });
  }

  #serve(): ServerFunction | undefined {
    const { server = false, settings, config, bundleDir } = this.#props;
    if (!server || this.#local) return undefined;
    return new ServerFunction(this, "Server", {
      settings: settings?.server,
      restate: this.#restate,
      name: config.name,
      bundleDir,
      logs: this.#stage.logs,
    });
  }

  #keepAsking(canary: CanarySettings): void {
    const { config, bundleDir } = this.#props;
    new Canary(this, "Canary", {
      canary,
      agents: this.#roster.agents.map(({ contract }) => contract.name),
      restate: this.#restate,
      name: config.name,
      alarmTopic: config.alarmTopic,
      bundleDir,
      logGroup: this.#deploymentLogs,
    });
  }

  #keepWarm(functions: readonly RestateFunction[]): void {
    const warm = functions.filter(({ scaling }) => scaling.provisioned > 0);
    if (this.#local) return;
    for (const [place, there] of Map.groupBy(warm, Stack.of)) {
      const provisioned = new ProvisionedConcurrency(place, "ProvisionedConcurrency", {
        functionName: `provisioned-concurrency-${namedAfter(this.#props.config.name, place)}`,
        logGroup: this.#deploymentLogs,
      });
      for (const one of there) provisioned.keepWarm(one);
    }
  }
}
