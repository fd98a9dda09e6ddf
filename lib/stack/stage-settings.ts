import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Tier } from "../deployment/index.ts";

/** What depends on a stage's tier. */
export interface StageSettings {
  /** How long logs are kept while the stack exists. */
  logRetention: RetentionDays;
  /** What `cdk destroy` does with logs and a self-hosted server's data. Everything else is always removed. */
  removalPolicy: RemovalPolicy;
  /** Whether there are a dashboard and alarms, which CloudWatch bills while nothing runs. */
  monitored: boolean;
}

export const stageSettings: Readonly<Record<Tier, StageSettings>> = {
  dev: { logRetention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY, monitored: false },
  prod: { logRetention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN, monitored: true },
};
