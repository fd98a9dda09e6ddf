import { Stack } from "aws-cdk-lib";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { DeploymentConfig } from "../../deployment/index.ts";
import { namedAfter } from "../nested-stacks.ts";
import type { RestateFunction } from "../restate-function.ts";
import { Alarms } from "./alarms.ts";
import { createDashboard, createFunctionDashboard, type ShownFunction } from "./dashboard.ts";
import { DeploymentMetrics } from "./metrics.ts";

interface MonitoringProps {
  config: DeploymentConfig;
  agents: readonly RestateFunction[];
  /** Which have a place in the dashboard, too. */
  others: readonly (Construct & ShownFunction)[];
  /** How many runs make no progress. */
  stuckRuns: IMetric;
}

/** What watches a deployment: alarms, and a dashboard if that is asked for; each nested stack has one of its functions. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { config, agents, others, stuckRuns }: MonitoringProps) {
    super(scope, id);
    const { monitoring, alarmTopic, alarmCostUsdPerHour: costUsdPerHour } = config;
    const metrics = new DeploymentMetrics(config.name);
    const { all } = new Alarms(this, "Alarms", { agents, metrics, stuckRuns, alarmTopic, costUsdPerHour });
    if (monitoring !== "full") return;
    for (const [place, functions] of Map.groupBy([...agents, ...others], Stack.of)) {
      const name = namedAfter(config.name, place);
      if (place === Stack.of(this)) createDashboard(this, name, { functions, alarms: all, metrics });
      else createFunctionDashboard(place, name, functions);
    }
  }
}
