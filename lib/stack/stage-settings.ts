import { RemovalPolicy } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { type LogGroupProps, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Tier } from "../deployment/index.ts";
import type { StackSettings } from "./stack-settings.ts";

/** What every log group has. */
export type LogSettings = Pick<LogGroupProps, "retention" | "removalPolicy" | "encryptionKey">;

/** What depends on a stage's tier, and on the project's settings of its stack. */
export interface StageSettings {
  logs: LogSettings;
  /** What `cdk destroy` does with logs and a self-hosted server's data. Everything else is always removed. */
  removalPolicy: RemovalPolicy;
}

const byTier = {
  dev: { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY },
  prod: { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN },
} as const;

export function stageSettings(
  scope: Construct,
  tier: Tier,
  { logRetention, logKeyArn }: StackSettings,
): StageSettings {
  const { retention, removalPolicy } = byTier[tier];
  const encryptionKey = logKeyArn && { encryptionKey: Key.fromKeyArn(scope, "LogKey", logKeyArn) };
  const logs = { retention: logRetention ?? retention, removalPolicy, ...encryptionKey };
  return { logs, removalPolicy };
}
