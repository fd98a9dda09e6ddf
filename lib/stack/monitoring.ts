import { Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { RestateFunction } from "./restate-function.ts";

const PERIOD = Duration.minutes(5);
/** Restate repeats throttled calls, so throttling matters only when it lasts for three periods. */
const THROTTLES = { threshold: 10, evaluationPeriods: 3 };
/** CloudWatch accepts 50 log groups in one query. */
const MAX_QUERIED_LOGS = 50;
const HALF_WIDTH = 12;

interface MonitoringProps {
  tools: readonly RestateFunction[];
  agents: readonly RestateFunction[];
  /** How many runs make no progress. */
  stuckRuns: cloudwatch.IMetric;
  /** The ARN of the SNS topic that alarms are sent to. Default: none; the console shows them. */
  alarmTopic: string | undefined;
}

/** A dashboard with a row for each function, and alarms for errors, throttles and failed runs. */
export class Monitoring extends Construct {
  readonly #notify: cloudwatch.IAlarmAction | undefined;

  constructor(scope: Construct, id: string, { tools, agents, stuckRuns, alarmTopic }: MonitoringProps) {
    super(scope, id);
    this.#notify = alarmTopic ? new SnsAction(Topic.fromTopicArn(this, "Topic", alarmTopic)) : undefined;
    const functions = [...agents, ...tools];
    const alarms = [
      this.#alarm("stuck-runs", stuckRuns, {
        alarmDescription:
          "Runs make no progress: they are paused, or fail again and again. `npx fanout redrive` lists them with the reason.",
        threshold: 1,
        evaluationPeriods: 1,
      }),
      ...agents.map((agent) => this.#failedRuns(agent)),
      ...functions.flatMap((one) => this.#alarms(one)),
    ];
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.hours(3),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: "Alarms", alarms, width: 2 * HALF_WIDTH })],
        ...functions.map(functionRow),
        [coldStarts(functions)],
      ],
    });
  }

  /** An agent logs one such line for each run that fails for good, whatever its function's invocations did. */
  #failedRuns({ service, logGroup }: RestateFunction): cloudwatch.Alarm {
    const filter = new MetricFilter(this, `${service}-failed-runs`, {
      logGroup,
      metricNamespace: "Fanout",
      metricName: `${Stack.of(this).stackName}-${service}-failed-runs`,
      filterPattern: FilterPattern.stringValue("$.message.event", "=", "run failed"),
    });
    return this.#alarm(`${service}-runs`, filter.metric({ statistic: "Sum", period: PERIOD }), {
      alarmDescription: `Runs of ${service} failed. Their ids are in its log, with the event "run failed".`,
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  #alarms({ service, fn }: RestateFunction): cloudwatch.Alarm[] {
    return [
      this.#alarm(`${service}-errors`, fn.metricErrors({ period: PERIOD }), {
        alarmDescription: `The function of ${service} crashed, or ran out of time or memory. Restate repeats it.`,
        threshold: 1,
        evaluationPeriods: 1,
      }),
      this.#alarm(`${service}-throttles`, fn.metricThrottles({ period: PERIOD }), {
        alarmDescription: `Lambda throttles ${service}: its maxConcurrency, or the account's limit, is too low.`,
        ...THROTTLES,
      }),
    ];
  }

  #alarm(
    id: string,
    metric: cloudwatch.IMetric,
    props: Pick<cloudwatch.CreateAlarmOptions, "alarmDescription" | "threshold" | "evaluationPeriods">,
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      ...props,
      metric,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (this.#notify) alarm.addAlarmAction(this.#notify);
    return alarm;
  }
}

function functionRow({ service, fn }: RestateFunction): cloudwatch.IWidget[] {
  const sums = [fn.metricInvocations(), fn.metricErrors(), fn.metricThrottles()];
  const durations = ["p50", "p95", "p99"].map((statistic) =>
    fn.metricDuration({ statistic, label: statistic }),
  );
  const concurrent = fn.metric("ConcurrentExecutions", { statistic: "Maximum", label: "at once" });
  return [
    new cloudwatch.GraphWidget({ title: `${service}: invocations`, left: sums, width: 8 }),
    new cloudwatch.GraphWidget({ title: `${service}: duration`, left: durations, width: 8 }),
    new cloudwatch.GraphWidget({ title: `${service}: concurrency`, left: [concurrent], width: 8 }),
  ];
}

/** Lambda has no metric for them, but logs its own lines; a query costs nothing until somebody looks at it. */
function coldStarts(functions: readonly RestateFunction[]): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: "Cold starts",
    logGroupNames: functions.slice(0, MAX_QUERIED_LOGS).map(({ logGroup }) => logGroup.logGroupName),
    queryLines: [
      'filter type = "platform.initStart" and record.initializationType = "on-demand"',
      "stats count(*) as coldStarts by record.functionName as function",
      "sort coldStarts desc",
    ],
    view: cloudwatch.LogQueryVisualizationType.TABLE,
    width: 2 * HALF_WIDTH,
  });
}
