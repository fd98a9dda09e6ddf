import { PermissionsBoundary } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type DeploymentConfig, SettingsError } from "../deployment/index.ts";
import { check } from "../runtime/index.ts";
import type { Tool } from "../tool/index.ts";
import type { CanarySettings } from "./canary/canary.ts";
import type { ServerSettings } from "./server/settings.ts";

/** What an account asks of everything in the stack. Everything may be left out. */
export interface StackSettings {
  /** On every resource that can have tags. Default: none. */
  tags?: Readonly<Record<string, string>>;
  /** The managed policy that no role may exceed, by name (in the same account) or ARN. Default: none. */
  permissionsBoundary?: string;
  /** The ARN of a key for all logs, whose policy lets CloudWatch Logs use it. Default: AWS's own. */
  logKeyArn?: string;
  /** How long logs are kept. Default: a week in tier `dev`, three months in `prod`. */
  logRetention?: RetentionDays;
  /** A question that is asked on a schedule, with an alarm. Default: none. */
  canary?: CanarySettings;
  /**
   * The tool that is told of every call that waits for an approval, so that it can tell somebody: in a chat, by mail, in a queue. Its
   * input is `{ run, approval, tool, input, seconds }`. Default: none.
   */
  approvalNotifier?: string;
  /** How the routes of `functions/server/server.ts` are served, if there is that file. Default: see there. */
  server?: ServerSettings;
}

/** A project's settings of its stack. */
export type StackSettingsOf = (
  deployment: Pick<DeploymentConfig, "project" | "stage" | "tier">,
) => StackSettings;

/** What a notifier is told of. */
const EXAMPLE = { run: "inv_1", approval: "ap_1", tool: "delete_file", input: { path: "/a" }, seconds: 60 };

/**
 * The tool that is told of questions.
 * @throws SettingsError for one that is not there, or does not take what it is told.
 */
export function notifierOf(
  { approvalNotifier: name }: StackSettings,
  tools: readonly Tool[],
): string | undefined {
  if (name === undefined) return undefined;
  const tool = tools.find((one) => one.name === name);
  const names = tools.map((one) => one.name).join(", ");
  if (!tool)
    throw new SettingsError(`bin/stack.ts: approvalNotifier: there is no tool "${name}". Tools: ${names}.`);
  const { problem } = check(tool.input, EXAMPLE);
  if (problem === undefined) return name;
  throw new SettingsError(
    `bin/stack.ts: approvalNotifier: ${name} does not take ${JSON.stringify(EXAMPLE)}: ${problem}`,
  );
}

/** A permissions boundary by name or ARN. */
export function boundary(policy: string): PermissionsBoundary {
  return policy.startsWith("arn:")
    ? PermissionsBoundary.fromArn(policy)
    : PermissionsBoundary.fromName(policy);
}
