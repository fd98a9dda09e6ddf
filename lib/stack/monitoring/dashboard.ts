import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import type { RestateFunction } from "../restate-function.ts";
import type { DeploymentMetrics } from "./metrics.ts";

/** CloudWatch accepts 50 log groups in one query. */
const MAX_QUERIED_LOGS = 50;
const WIDTH = 24;
const THIRD = WIDTH / 3;

/** What a function's row needs. */
export type ShownFunction = Pick<RestateFunction, "service" | "fn" | "logGroup">;

interface Shown {
  functions: readonly ShownFunction[];
  alarms: readonly cloudwatch.IAlarm[];
  metrics: DeploymentMetrics;
}

/** The dashboard of a deployment: its alarms, its runs and calls, then a row for each function. */
export function createDashboard(scope: Construct, name: string, { functions, alarms, metrics }: Shown): void {
  dashboard(scope, name, [
    [new cloudwatch.AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: WIDTH })],
    [
      graph("Runs", [metrics.of("Runs"), metrics.of("FailedRuns")]),
      graph("Cost in USD", [metrics.each("CostUsd", ["Agent"])]),
      graph("Tokens", [metrics.of("InputTokens"), metrics.of("OutputTokens")]),
    ],
    [
      graph("Calls", [metrics.each("Calls", ["Tool", "Status"])]),
      graph("Failed calls", [metrics.of("FailedCalls")]),
      graph("Wait of calls, p90", [metrics.each("QueueTime", ["Tool"], "p90")]),
    ],
    ...functionRows(functions),
  ]);
}

/** The dashboard of a nested stack: a row for each function. */
export function createFunctionDashboard(
  scope: Construct,
  name: string,
  functions: readonly ShownFunction[],
): void {
  dashboard(scope, name, functionRows(functions));
}

function dashboard(scope: Construct, dashboardName: string, widgets: cloudwatch.IWidget[][]): void {
  new cloudwatch.Dashboard(scope, "Dashboard", {
    dashboardName,
    defaultInterval: Duration.hours(3),
    widgets,
  });
}

const functionRows = (functions: readonly ShownFunction[]): cloudwatch.IWidget[][] => [
  ...functions.map(functionRow),
  [coldStarts(functions)],
];

const graph = (title: string, left: cloudwatch.IMetric[]) =>
  new cloudwatch.GraphWidget({ title, left, width: THIRD });

function functionRow({ service, fn }: ShownFunction): cloudwatch.IWidget[] {
  const sums = [fn.metricInvocations(), fn.metricErrors(), fn.metricThrottles()];
  const durations = ["p50", "p95", "p99"].map((statistic) =>
    fn.metricDuration({ statistic, label: statistic }),
  );
  const concurrent = fn.metric("ConcurrentExecutions", { statistic: "Maximum", label: "at once" });
  return [
    graph(`${service}: invocations`, sums),
    graph(`${service}: duration`, durations),
    graph(`${service}: concurrency`, [concurrent]),
  ];
}

/** Lambda has no metric for them, but logs its own lines; a query costs nothing until somebody looks at it. */
function coldStarts(functions: readonly ShownFunction[]): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: "Cold starts",
    logGroupNames: functions.slice(0, MAX_QUERIED_LOGS).map(({ logGroup }) => logGroup.logGroupName),
    queryLines: [
      'filter type = "platform.initStart" and record.initializationType = "on-demand"',
      "stats count(*) as coldStarts by record.functionName as function",
      "sort coldStarts desc",
    ],
    view: cloudwatch.LogQueryVisualizationType.TABLE,
    width: WIDTH,
  });
}
