import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import cdk from "../../cdk.json" with { type: "json" };
import { readDeploymentConfig, type ScalingByStage } from "../../lib/deployment/index.ts";
import type { Template } from "../../lib/local/assembly/template.ts";
import { AgentStack, bundleFunctions } from "../../lib/stack/index.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "../../lib/stack/registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../../lib/stack/restate-admin.ts";
import type { Tool } from "../../lib/tool/index.ts";
import { type AdminProxy, startAdminProxy } from "./admin-proxy.ts";
import { startAwsDouble } from "./aws-double.ts";
import { startCloudFormation } from "./cloud-formation.ts";
import { customResources, LambdaResources } from "./cloud-formation-lambda.ts";
import { type Outcome, StackDouble } from "./cloud-formation-stack.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import agent from "./functions/agent/agent.ts";
import { serviceDeployer } from "./service-deployer.ts";

const KEY = "key_of_this_environment";
const SECRET_NAME = "restate/api-key";

/** A resource beside all others, which every deployment changes. */
export const OTHER = "Other";

/** What is deployed. */
export interface Edition {
  tools: readonly Tool[];
  /** For a tool or agent, the folder whose handler.ts is its code. Default: its own. */
  handlers?: Readonly<Record<string, string>>;
  scaling?: ScalingByStage[keyof ScalingByStage];
}

/** Our own stack, as CloudFormation deploys it to a Lambda host and a real restate-server. */
export interface DeployedStack {
  cluster: Cluster;
  /** Restate's admin API as the stack reaches it. */
  admin: AdminProxy;
  /** The key in Secrets Manager. Functions that are deployed next read it. */
  secret: string;
  template(edition: Edition): Template;
  /** The cloud assembly with the template that was made last. */
  readonly assembly: string;
  /**
   * @param fails a part of the logical id of a resource that cannot be made or changed; or `OTHER`, which nothing depends on,
   * so that everything else has been changed by then.
   */
  deploy(edition: Edition, fails?: string, onFailure?: () => void): Promise<Outcome>;
  /** Goes on with a rollback that has failed. */
  continueRollback(): Promise<Outcome>;
  delete(): Promise<Outcome>;
  stop(): Promise<void>;
}

export async function startDeployedStack(): Promise<DeployedStack> {
  const directory = mkdtempSync(join(tmpdir(), "fanout-deployed-"));
  const cluster = await startCluster("v7", { empty: true });
  const admin = await startAdminProxy(cluster.restate.adminUrl, KEY);
  const cloudFormation = await startCloudFormation();
  const aws = await startAwsDouble({ [SECRET_NAME]: KEY });
  let count = 0;
  let outdir = "";
  let template: Template = { Resources: {} };

  const synthesise = ({ tools, handlers = {}, scaling = {} }: Edition): Template => {
    const bundleDir = join(directory, `bundles-${++count}`);
    const code = (name: string, own: string) =>
      join(import.meta.dirname, "functions", handlers[name] ?? own, "handler.ts");
    bundleFunctions(
      {
        ...Object.fromEntries(tools.map(({ name }) => [name, code(name, name)])),
        [agent.name]: code(agent.name, "agent"),
        [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER,
        [RESTATE_REGISTRATION_BUNDLE]: RESTATE_REGISTRATION_HANDLER,
      },
      bundleDir,
    );
    outdir = join(directory, `cdk.out-${count}`);
    const app = new App({ outdir, context: cdk.context });
    const config = readDeploymentConfig({
      FANOUT_TARGET: "existing",
      RESTATE_ADMIN_URL: admin.url,
      RESTATE_INGRESS_URL: cluster.restate.ingressUrl,
      RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate",
      RESTATE_API_KEY_SECRET: SECRET_NAME,
    });
    const byStage = { dev: scaling, prod: {} };
    new AgentStack(app, config.name, { tools, agents: [agent], scaling: byStage, config, bundleDir });
    app.synth();
    template = JSON.parse(readFileSync(join(outdir, `${config.name}.template.json`), "utf8"));
    // This server invokes without a role.
    for (const { Type, Properties } of Object.values(template.Resources))
      if (Type === "Custom::RestateServiceDeployment" && Properties) delete Properties.invokeRoleArn;
    return template;
  };

  const lambda = new LambdaResources({
    lambda: cluster.lambda,
    outdir: () => outdir,
    adapt(spec) {
      const { secret } = stack;
      if (spec.name.startsWith("restate-admin-"))
        return { ...spec, environment: { ...spec.environment, [SECRET_NAME]: secret } };
      if (spec.name.startsWith("restate-registration-")) {
        aws.secrets[SECRET_NAME] = secret;
        const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url };
        return { ...serviceDeployer({ outdir, template }, spec.name), environment };
      }
      const { RESTATE_SCOPES: _, ...settings } = cluster.settings;
      return { ...spec, environment: { ...spec.environment, ...settings } };
    },
  });
  const custom = (type: string) => customResources(cloudFormation, cluster.lambda.url, type);
  const double = new StackDouble(({ Type }) => {
    if (Type === "AWS::Lambda::Function") return lambda.functions;
    if (Type === "AWS::Lambda::Version") return lambda.versions;
    return /^Custom::(Restate|Function)/.test(Type) ? custom(Type) : undefined;
  });

  const stack: DeployedStack = {
    cluster,
    admin,
    secret: KEY,
    template: synthesise,
    get assembly() {
      return outdir;
    },
    deploy(edition, fails, onFailure) {
      const { Resources } = synthesise(edition);
      Resources[OTHER] = { Type: "AWS::SNS::Topic", Properties: { DisplayName: String(count) } };
      const failing = fails && Object.keys(Resources).find((logicalId) => logicalId.includes(fails));
      return double.deploy({ Resources }, failing, onFailure);
    },
    continueRollback: () => double.continueRollback(),
    delete: () => double.delete(),
    async stop() {
      await cluster.stop();
      await Promise.all([admin.stop(), cloudFormation.stop(), aws.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return stack;
}
