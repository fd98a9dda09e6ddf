import { RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Stage } from "../deployment/index.ts";

/** What a stage changes beside names. */
export interface StageSettings {
  /** How long logs are kept while the stack stands. */
  logRetention: RetentionDays;
  /** What `cdk destroy` does with logs, and with a self-hosted server's data. Everything else always goes. */
  removalPolicy: RemovalPolicy;
  /** Whether there are a dashboard and alarms, which CloudWatch bills while nothing runs. */
  monitored: boolean;
}

export const stageSettings: Readonly<Record<Stage, StageSettings>> = {
  dev: { logRetention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY, monitored: false },
  prod: { logRetention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN, monitored: true },
};
