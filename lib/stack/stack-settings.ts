import { PermissionsBoundary } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type DeploymentConfig, SettingsError } from "../deployment/index.ts";
import { check } from "../runtime/index.ts";
import type { Tool } from "../tool/index.ts";
import { exposedSetting } from "../tool-calls/index.ts";
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
  /**
   * The tools that may be called from outside any run, as MCP clients do through `fanout/mcp-server`, by whoever reaches Restate's ingress.
   * A laptop exposes all. Default: none.
   */
  exposedTools?: readonly string[];
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

/** All environment variables of a Lambda function have 4 KB together. */
const MAX_SETTING_BYTES = 3_000;

/**
 * The tools that may be called from outside any run, as a setting.
 * @throws SettingsError for one that is not there, or more than a function's environment holds.
 */
export function exposedOf(
  { exposedTools = [] }: StackSettings,
  tools: readonly Tool[],
  { local }: { local: boolean },
): string {
  if (local) return exposedSetting(tools);
  const absent = exposedTools.find((name) => !tools.some((tool) => tool.name === name));
  if (absent !== undefined)
    throw new SettingsError(
      `bin/stack.ts: exposedTools: there is no tool "${absent}". Tools: ${tools.map(({ name }) => name).join(", ")}.`,
    );
  const setting = exposedSetting(tools.filter(({ name }) => exposedTools.includes(name)));
  if (setting.length <= MAX_SETTING_BYTES) return setting;
  throw new SettingsError(
    `bin/stack.ts: exposedTools: expected as many tools as ${MAX_SETTING_BYTES} bytes of a function's environment hold, got ${setting.length} bytes for ${exposedTools.length} tools.`,
  );
}

/** A permissions boundary by name or ARN. */
export function boundary(policy: string): PermissionsBoundary {
  return policy.startsWith("arn:")
    ? PermissionsBoundary.fromArn(policy)
    : PermissionsBoundary.fromName(policy);
}
