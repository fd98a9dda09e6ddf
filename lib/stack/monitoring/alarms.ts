import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { acknowledgeRule } from "../acknowledge.ts";
import type { RestateFunction } from "../restate-function.ts";
import { type DeploymentMetrics, PERIOD } from "./metrics.ts";

/** A tool may fail now and then: it matters when one call in five does, of at least so many in a period. */
const FAILURES = { percent: 20, minCalls: 10 };
/** A call that waits for longer than this is late for whoever waits for the run, in ms. */
const LONG_WAIT_MS = 10_000;
/** Restate repeats what Lambda throttles, so that throttling matters only when it lasts for three periods. */
const LASTING = { evaluationPeriods: 3 };
const THROTTLES = 10;
/** An alarm reads that many metrics at most. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MAX_METRICS = 10;

/** The heading of docs/operating.md under which each alarm's runbook is. */
const RUNBOOKS = {
  "failed-runs": "runs-fail",
  "stuck-runs": "a-run-is-stuck",
  "tool-failures": "a-tools-provider-is-down",
  waiting: "calls-wait-or-are-throttled",
  cost: "costs-rise",
};

interface AlarmsProps {
  agents: readonly RestateFunction[];
  metrics: DeploymentMetrics;
  /** How many runs make no progress. */
  stuckRuns: cloudwatch.IMetric;
  /** The ARN of the SNS topic that is told when an alarm begins and when it ends. Default: none; the console shows them. */
  alarmTopic: string | undefined;
  /** What an hour may cost at the models' providers, in USD. Default: no alarm. */
  costUsdPerHour: number | undefined;
}

interface AlarmOptions {
  description: string;
  threshold: number;
  /** How many periods in a row. Default: 1. */
  evaluationPeriods?: number;
  datapointsToAlarm?: number;
}

/** The alarms of a deployment: few, whatever the number of its tools; each says where its runbook is. */
export class Alarms extends Construct {
  /** Those that tell somebody. */
  readonly all: readonly cloudwatch.IAlarm[];
  readonly #notify: cloudwatch.IAlarmAction | undefined;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { alarmTopic, metrics, stuckRuns } = props;
    if (!alarmTopic)
      acknowledgeRule(
        this,
        "cloudwatch_alarm_action_check",
        "Without a topic, the console shows the alarms.",
      );
    this.#notify = alarmTopic ? new SnsAction(Topic.fromTopicArn(this, "Topic", alarmTopic)) : undefined;
    this.all = [
      this.#alarm("failed-runs", metrics.of("FailedRuns"), {
        description: "Runs failed: whoever began them got an error instead of an answer.",
        threshold: 1,
      }),
      this.#alarm("stuck-runs", stuckRuns, {
        description: "Runs make no progress: they are paused, or fail again and again.",
        threshold: 1,
      }),
      this.#alarm("tool-failures", failureRate(metrics), {
        description: `More than ${FAILURES.percent} % of the tools' calls fail.`,
        threshold: FAILURES.percent,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
      }),
      this.#waiting(props),
      ...this.#cost(props),
    ].map((alarm) => this.#tell(alarm));
  }

  /** Calls wait for their tools, or agents for Lambda. One cause often shows in both, and is told once. */
  #waiting({ metrics, agents }: AlarmsProps): cloudwatch.AlarmBase {
    const calls = this.#alarm("calls-wait", metrics.of("QueueTime", { statistic: "p90" }), {
      description: `One call in ten waits for more than ${LONG_WAIT_MS / 1000} s before its tool begins.`,
      threshold: LONG_WAIT_MS,
      ...LASTING,
    });
    const throttled = inGroups(agents).map((group, index) =>
      this.#alarm(`agents-throttled${index === 0 ? "" : `-${index + 1}`}`, throttles(group), {
        description: "Lambda throttles agents.",
        threshold: THROTTLES,
        ...LASTING,
      }),
    );
    const inAlarm = [calls, ...throttled].map((alarm) =>
      cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM),
    );
    return new cloudwatch.CompositeAlarm(this, "waiting", {
      alarmRule: cloudwatch.AlarmRule.anyOf(...inAlarm),
      alarmDescription: described(
        "waiting",
        "Calls or agents wait for a quarter of an hour: a limit is too low.",
      ),
    });
  }

  #cost({ metrics, costUsdPerHour }: AlarmsProps): cloudwatch.AlarmBase[] {
    if (costUsdPerHour === undefined) return [];
    const cost = metrics.of("CostUsd", { period: Duration.hours(1) });
    return [
      this.#alarm("cost", cost, {
        description: `The models have cost $${costUsdPerHour} or more within an hour.`,
        threshold: costUsdPerHour,
      }),
    ];
  }

  #alarm(
    id: string,
    metric: cloudwatch.IMetric,
    { description, evaluationPeriods = 1, ...options }: AlarmOptions,
  ): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      ...options,
      alarmDescription: described(id, description),
      metric,
      evaluationPeriods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  #tell<A extends cloudwatch.AlarmBase>(alarm: A): A {
    if (this.#notify) {
      alarm.addAlarmAction(this.#notify);
      alarm.addOkAction(this.#notify);
    }
    return alarm;
  }
}

/** What whoever is woken reads first. */
function described(id: string, description: string): string {
  const alarm = id.replace(/^(calls-wait|agents-throttled).*/, "waiting") as keyof typeof RUNBOOKS;
  return `${description} What to do: docs/operating.md#${RUNBOOKS[alarm]}`;
}

function failureRate(metrics: DeploymentMetrics): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: `IF(calls >= ${FAILURES.minCalls}, 100 * failed / calls, 0)`,
    usingMetrics: { calls: metrics.of("Calls"), failed: metrics.of("FailedCalls") },
    label: "failed calls in percent",
    period: PERIOD,
  });
}

function throttles(functions: readonly RestateFunction[]): cloudwatch.IMetric {
  const usingMetrics = Object.fromEntries(
    functions.map(({ fn }, index) => [`m${index}`, fn.metricThrottles({ period: PERIOD })]),
  );
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(" + ");
  return new cloudwatch.MathExpression({ expression, usingMetrics, label: "throttles", period: PERIOD });
}

function inGroups<T>(list: readonly T[]): T[][] {
  const groups = Math.ceil(list.length / MAX_METRICS);
  return Array.from({ length: groups }, (_, group) =>
    list.slice(group * MAX_METRICS, (group + 1) * MAX_METRICS),
  );
}
