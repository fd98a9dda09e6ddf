import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DeploymentConfig, readDeploymentConfig } from "../../deployment/index.ts";
import { diagnose, type Preflight, preflight, type Whereabouts } from "../../operate/index.ts";
import { canAsk, confirm } from "../confirm.ts";
import { drawFindings } from "../drawing/findings.ts";
import { screenOf } from "../drawing/screen.ts";
import { print, printDrawing, say } from "../output.ts";
import type { Project } from "../project.ts";
import { APP, bootstrapQualifier, deploymentSettings, runCdk } from "./cdk.ts";
import type { Steps } from "./deploy.ts";
import { smokeRun } from "./smoke-run.ts";

/** How a person wants to deploy. */
export interface DeployOptions extends Whereabouts {
  /** Deploy without asking. */
  yes: boolean;
  /** A cloud assembly that is deployed as it is. Default: one is made. */
  assembly?: string | undefined;
  /** Whom to ask what at the end; undefined: nobody. */
  smoke: { agent: string; question: string } | undefined;
}

/** The steps as the command line does them. @param folder an empty one for what they write. */
export function stepsFor({ root, loadRoster }: Project, options: DeployOptions, folder: string): Steps {
  const assembly = options.assembly ?? join(folder, "cdk.out");
  const outputs = join(folder, "outputs.json");
  const environment = deploymentSettings(root);
  /** Settings may be wrong until the preflight has read them. */
  const config = () => readDeploymentConfig(environment);
  const cdk = (command: string, ...flags: string[]) =>
    runCdk(root, [command, config().name, "--app", assembly, ...flags]);
  return {
    begin: (step) => say(`\n${step}`),
    async preflight() {
      const qualifier = bootstrapQualifier(root);
      const found = await preflight({ environment, loadRoster, whereabouts: options, qualifier });
      draw(found.findings);
      return found;
    },
    async synthesise() {
      if (options.assembly !== undefined) return say(`It is in ${options.assembly}.`);
      await runCdk(root, ["synth", "--quiet", "--app", APP, "--output", assembly]);
    },
    // A change set would say more about replacements, but is made at AWS.
    diff: () => cdk("diff", "--method", "template", "--fail-on", "never"),
    agreed: () => agreed(options.yes, config()),
    // The differences were shown, and a person has agreed to them.
    deploy: () => cdk("deploy", "--require-approval", "never", "--outputs-file", outputs),
    async examine({ installation }) {
      if (installation === undefined) return unreachable("npx fanout doctor --admin-url … --ingress-url …");
      const findings = await diagnose(() => installation, loadRoster);
      draw(findings);
      return findings;
    },
    async smokeRun({ installation }) {
      if (options.smoke === undefined) return say("Left out, as --no-smoke says.");
      if (installation === undefined) return void unreachable("npx fanout ask --url …");
      const { agent, question } = options.smoke;
      const { url: adminUrl, token } = installation.admin;
      const ingressUrl = ingressIn(outputs, config().name) ?? installation.ingressUrl;
      say(`> ${question}`);
      await smokeRun({ ingressUrl, adminUrl, token, agent, input: { message: question } });
    },
  };
}

const draw = (findings: Preflight["findings"]) =>
  printDrawing(drawFindings(findings, screenOf(process.stdout)));

async function agreed(yes: boolean, { name, region }: DeploymentConfig): Promise<boolean> {
  if (yes) return true;
  if (canAsk()) return confirm(`\nDeploy ${name}${region === undefined ? "" : ` to ${region}`}?`);
  throw new Error("There is nobody to ask: add --yes to deploy without a question.");
}

/** Says that Restate is out of reach from here. @returns that nothing was found. */
function unreachable(command: string): [] {
  print(`Left out: the stack's own Restate answers in a private network only. From there: ${command}`);
  return [];
}

/** The ingress as the stack's outputs name it. */
function ingressIn(file: string, stack: string): string | undefined {
  const outputs = JSON.parse(readFileSync(file, "utf8")) as Record<string, { IngressUrl?: string }>;
  return outputs[stack]?.IngressUrl;
}
