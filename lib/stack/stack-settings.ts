import { PermissionsBoundary } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { DeploymentConfig } from "../deployment/index.ts";
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
  /** How the routes of `functions/server/server.ts` are served, if there is that file. Default: see there. */
  server?: ServerSettings;
}

/** A project's settings of its stack. */
export type StackSettingsOf = (
  deployment: Pick<DeploymentConfig, "project" | "stage" | "tier">,
) => StackSettings;

/** A permissions boundary by name or ARN. */
export function boundary(policy: string): PermissionsBoundary {
  return policy.startsWith("arn:")
    ? PermissionsBoundary.fromArn(policy)
    : PermissionsBoundary.fromName(policy);
}
