import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { readDeploymentConfig, type ScalingByStage, type ToolStacks } from "../../lib/deployment/index.ts";
import { TOPIC } from "../../lib/events/index.ts";
import type { Template } from "../../lib/local/assembly/template.ts";
import { featureFlags } from "../../lib/stack/feature-flags.ts";
import { AgentStack, bundleFunctions } from "../../lib/stack/index.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "../../lib/stack/registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "../../lib/stack/restate-admin.ts";
import { RUN_EVENTS_HANDLER } from "../../lib/stack/run-events/run-events-function.ts";
import type { Tool } from "../../lib/tool/index.ts";
import { type AdminProxy, startAdminProxy } from "./admin-proxy.ts";
import { startAwsDouble } from "./aws-double.ts";
import { startCloudFormation } from "./cloud-formation.ts";
import { customResources, LambdaResources } from "./cloud-formation-lambda.ts";
import { type Outcome, StackDouble } from "./cloud-formation-stack.ts";
import type { Resource } from "./cloud-formation-template.ts";
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
  /** Default: all tools are in the main stack. */
  toolStacks?: ToolStacks;
  /** Tools that are deployed but not registered, which would start their functions: a third of a second each. Default: none. */
  asleep?: ReadonlySet<string>;
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

/** The folder with a function's code. */
const own = (name: string) => (name === agent.name ? "agent" : name);
const handlerOf = (folder: string) => join(import.meta.dirname, "functions", folder, "handler.ts");

function readTemplate(file: string): Template {
  const template: Template = JSON.parse(readFileSync(file, "utf8"));
  // This server invokes without a role.
  for (const { Type, Properties } of Object.values(template.Resources))
    if (Type === "Custom::RestateServiceDeployment" && Properties) delete Properties.invokeRoleArn;
  return template;
}

/** A nested stack's template is an asset, whose address ends in its hash. */
function nestedTemplate(url: string, outdirs: readonly string[]): Template {
  const [, hash = ""] = /(\w{64})\.json/.exec(url) ?? [];
  for (const outdir of outdirs) {
    for (const file of readdirSync(outdir).filter((name) => name.endsWith(".assets.json"))) {
      const { files } = JSON.parse(readFileSync(join(outdir, file), "utf8"));
      if (files[hash]) return readTemplate(join(outdir, files[hash].source.path));
    }
  }
  throw new Error(`no asset has the address ${url}`);
}

export async function startDeployedStack(): Promise<DeployedStack> {
  const directory = mkdtempSync(join(tmpdir(), "fanout-deployed-"));
  const cluster = await startCluster("v7", { empty: true });
  const admin = await startAdminProxy(cluster.restate.adminUrl, KEY);
  const cloudFormation = await startCloudFormation();
  const aws = await startAwsDouble({ [SECRET_NAME]: KEY });
  let count = 0;
  let outdir = "";
  const outdirs: string[] = [];
  let asleep: ReadonlySet<string> = new Set();
  let template: Template = { Resources: {} };

  const synthesise = ({ tools, handlers = {}, scaling = {}, toolStacks }: Edition): Template => {
    const bundleDir = join(directory, `bundles-${++count}`);
    const folders = new Map(
      [...tools.map(({ name }) => name), agent.name].map((name) => [name, handlers[name] ?? own(name)]),
    );
    bundleFunctions(
      {
        ...Object.fromEntries([...folders.values()].map((folder) => [folder, handlerOf(folder)])),
        [TOPIC]: RUN_EVENTS_HANDLER,
        [RESTATE_ADMIN_BUNDLE]: RESTATE_ADMIN_HANDLER,
        [RESTATE_REGISTRATION_BUNDLE]: RESTATE_REGISTRATION_HANDLER,
      },
      bundleDir,
    );
    for (const [name, folder] of folders)
      if (name !== folder) symlinkSync(join(bundleDir, folder), join(bundleDir, name));
    outdir = join(directory, `cdk.out-${count}`);
    outdirs.unshift(outdir);
    // test/template-checks.test.ts has templates checked, nested ones too: that takes half of the time.
    const app = new App({ outdir, context: { ...featureFlags }, builtinCloudFormationValidation: false });
    const config = readDeploymentConfig({
      FANOUT_TARGET: "existing",
      RESTATE_ADMIN_URL: admin.url,
      RESTATE_INGRESS_URL: cluster.restate.ingressUrl,
      RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate",
      RESTATE_API_KEY_SECRET: SECRET_NAME,
    });
    const byStage = { dev: scaling, prod: {} };
    new AgentStack(app, config.name, {
      tools,
      agents: [agent],
      scaling: byStage,
      toolStacks,
      config,
      bundleDir,
    });
    app.synth();
    template = readTemplate(join(outdir, `${config.name}.template.json`));
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
  const provide = ({ Type, Properties }: Resource) => {
    if (asleep.has(String(Properties?.servicePath ?? Properties?.service))) return undefined;
    if (Type === "AWS::Lambda::Function") return lambda.functions;
    if (Type === "AWS::Lambda::Version") return lambda.versions;
    return /^Custom::(Restate|Function)/.test(Type) ? custom(Type) : undefined;
  };
  const double = new StackDouble(provide, (url) => nestedTemplate(url, outdirs));

  const stack: DeployedStack = {
    cluster,
    admin,
    secret: KEY,
    template: synthesise,
    get assembly() {
      return outdir;
    },
    deploy(edition, fails, onFailure) {
      asleep = edition.asleep ?? asleep;
      const { Resources } = synthesise(edition);
      Resources[OTHER] = { Type: "AWS::SNS::Topic", Properties: { DisplayName: String(count) } };
      const nested = Object.values(Resources)
        .filter(({ Type }) => Type === "AWS::CloudFormation::Stack")
        .map(({ Properties }) => nestedTemplate(JSON.stringify(Properties?.TemplateURL), outdirs));
      const failing = [{ Resources }, ...nested]
        .flatMap((one) => Object.keys(one.Resources))
        .find((logicalId) => fails && logicalId.includes(fails));
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
