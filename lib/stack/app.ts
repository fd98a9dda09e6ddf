import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { App, STACK_RESOURCE_LIMIT_CONTEXT, Validations } from "aws-cdk-lib";
import { type Inputs, isIn } from "../cache/index.ts";
import {
  BUNDLE_INPUTS,
  type DeploymentConfig,
  type Roster,
  readDeploymentConfig,
  readToolStacks,
  SettingsError,
} from "../deployment/index.ts";
import { AgentStack } from "./agent-stack.ts";
import { bundleFunctions } from "./bundle.ts";
import { entriesOf } from "./entries.ts";
import { featureFlags } from "./feature-flags.ts";
import { readInfra } from "./infra.ts";
import { PackageError } from "./packages/error.ts";
import { LAMBDA_SYSTEM } from "./packages/system.ts";
import { plainLambdas } from "./plain-lambdas.ts";
import { checkResources } from "./resource-limit.ts";
import { SERVER_BUNDLE, serverEntry } from "./server/entry.ts";
import type { StackSettingsOf } from "./stack-settings.ts";

/** A project as CDK deploys it. */
interface Project extends Roster {
  /** The folder with `tools`, `agents` and `lambdas`. */
  functions: string;
  /** What the account asks of everything in the stack. Default: nothing. */
  stack?: StackSettingsOf;
  /** The program's environment variables, including the deployment's settings; CDK's context fills in what they lack. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** No account has this number, so a template made for a laptop cannot be deployed by mistake. */
const LAPTOP = { account: "000000000000", region: "us-east-1" };

/**
 * Bundles a project's functions and synthesises its stack. For a laptop, what the bundles were made from is written beside it.
 * @returns the program's exit code: 1 for a mistake that a person can put right, which is printed to stderr.
 */
export async function synthesise(project: Project): Promise<0 | 1> {
  // A laptop has no limit, and an error of ours says what to do.
  const app = new App({ context: { ...featureFlags, [STACK_RESOURCE_LIMIT_CONTEXT]: 0 } });
  const bundleDir = mkdtempSync(join(tmpdir(), "fanout-bundles-"));
  try {
    const config = readDeploymentConfig(project.environment, (name) => app.node.tryGetContext(name));
    const inputs = await addStack(app, { project, config, bundleDir });
    app.synth();
    if (config.target.kind === "local")
      writeFileSync(join(app.outdir, BUNDLE_INPUTS), JSON.stringify(inputs));
    return 0;
  } catch (error) {
    // A stack trace does not help with a wrong setting or a package that cannot be deployed.
    if (!(error instanceof SettingsError || error instanceof PackageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(bundleDir, { recursive: true });
  }
}

/** @returns what the bundles were made from, without the files that were written for them. */
async function addStack(
  app: App,
  { project, config, bundleDir }: { project: Project; config: DeploymentConfig; bundleDir: string },
): Promise<Inputs> {
  const { functions, tools, agents, scaling } = project;
  const settings = project.stack?.(config) ?? {};
  const local = config.target.kind === "local";
  const lambdas = plainLambdas(join(functions, "lambdas"), config);
  const server = local ? {} : serverEntry(project, bundleDir, settings.server);
  const entries = { ...entriesOf(project, bundleDir, { local }), ...lambdas, ...server };
  const infra = await readInfra(project);
  const inputs = bundleFunctions(entries, bundleDir, {
    root: dirname(resolve(functions)),
    system: local ? undefined : LAMBDA_SYSTEM,
    code: (name) => infra.get(name)?.code,
  });
  if (!local) await check(app);
  new AgentStack(app, config.name, {
    description: "LLM agents whose tool calls run in parallel, durably, on AWS Lambda.",
    tools,
    agents,
    scaling,
    settings,
    toolStacks: readToolStacks(functions),
    plainFunctions: Object.keys(lambdas),
    server: SERVER_BUNDLE in server,
    config,
    bundleDir,
    infra,
    setting: (name) => project.environment[name] || String(app.node.tryGetContext(name) ?? ""),
    env: local ? LAPTOP : given({ account: config.account, region: config.region }),
  });
  if (!local) checkResources(app);
  const isGone = (path: string) => isIn(bundleDir, path);
  return {
    contents: inputs.contents.filter((path) => !isGone(path)),
    names: inputs.names.filter((path) => !isGone(path)),
  };
}

/** What is not given is decided by whoever deploys the stack. */
function given({ account, region }: Pick<DeploymentConfig, "account" | "region">): {
  account?: string;
  region?: string;
} {
  return { ...(account !== undefined && { account }), ...(region !== undefined && { region }) };
}

/** Refuses to deploy what departs from AWS's own checks without a stated reason. */
async function check(app: App): Promise<void> {
  const [{ AwsSolutionsChecks }, { TemplateChecks }] = await Promise.all([
    import("cdk-nag"),
    import("./template-checks.ts"),
  ]);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new TemplateChecks());
}
