import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { environment } from "../environment.ts";

/** The qualifier of a bootstrap stack, if a project names no other one. */
const DEFAULT_QUALIFIER = "hnb659fds";

/** What tells CDK's bootstrap stacks of one account and region apart, as cdk.json has it. */
export function bootstrapQualifier(root: string): string {
  return String(contextOf(root)["@aws-cdk/core:bootstrapQualifier"] ?? DEFAULT_QUALIFIER);
}

/** The environment with the deployment's settings, of which cdk.json may have some that the environment lacks. */
export function deploymentSettings(root: string): Readonly<Record<string, string | undefined>> {
  const set = Object.entries(environment).filter(([, value]) => value);
  return { ...(contextOf(root) as Record<string, string>), ...Object.fromEntries(set) };
}

/** @see https://docs.aws.amazon.com/cdk/v2/guide/context.html */
function contextOf(root: string): Record<string, unknown> {
  const { context = {} } = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8"));
  return context;
}

/**
 * Runs the project's own CDK command line in this terminal, until it has ended. What would end this program reaches CDK instead,
 * so that CDK says how far it got.
 * @throws Error naming the command when it fails or is ended.
 */
export async function runCdk(root: string, args: readonly string[]): Promise<void> {
  const child = spawn(cdkOf(root), args, {
    cwd: root,
    stdio: "inherit",
    env: environment,
  });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${signal ?? `exit code ${code}`}.`);
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass);
  }
}

/** The project's own CDK command line, or that of the project that it is part of. */
function cdkOf(root: string): string {
  const cdk = join(root, "node_modules/.bin/cdk");
  return existsSync(cdk) || dirname(root) === root ? cdk : cdkOf(dirname(root));
}

/** The command that synthesises the project, with the Node that runs this program, whatever else is installed. */
export const APP = `"${process.execPath}" bin/app.ts`;
