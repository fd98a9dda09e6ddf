import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric, type MetricProps } from "aws-cdk-lib/aws-cloudwatch";
import { type MetricName, NAMESPACE } from "../../telemetry/index.ts";

export const PERIOD = Duration.minutes(5);

/** The metrics that a deployment's functions write. */
export class DeploymentMetrics {
  readonly #name: string;

  /** @param name the deployment's. */
  constructor(name: string) {
    this.#name = name;
  }

  /** One of the whole deployment. */
  of(metricName: MetricName, options: Pick<MetricProps, "statistic" | "period" | "label"> = {}): Metric {
    return new Metric({
      namespace: NAMESPACE,
      metricName,
      dimensionsMap: { Deployment: this.#name },
      statistic: "Sum",
      period: PERIOD,
      ...options,
    });
  }

  /** One for each tool, each agent, or each way in which a tool's calls end, whichever there are when somebody looks. */
  each(metricName: MetricName, by: readonly string[], statistic = "Sum"): MathExpression {
    const dimensions = [NAMESPACE, "Deployment", ...by].join(",");
    return new MathExpression({
      expression: `SEARCH('{${dimensions}} MetricName="${metricName}" Deployment="${this.#name}"', '${statistic}', ${PERIOD.toSeconds()})`,
      usingMetrics: {},
      label: "",
      period: PERIOD,
    });
  }
}
