import { readSetting } from "../runtime/index.ts";

/** The setting that turns metrics on: the name of the deployment whose metrics they are. */
export const METRICS = "FANOUT_METRICS";
/** The setting that keeps metrics by tool and by agent too, each of which is billed: `on`. */
export const METRICS_BY_SERVICE = "FANOUT_METRICS_BY_SERVICE";

export const NAMESPACE = "Fanout";

/** Every metric, with CloudWatch's unit of it. */
const UNITS = {
  Calls: "Count",
  FailedCalls: "Count",
  QueueTime: "Milliseconds",
  Runs: "Count",
  FailedRuns: "Count",
  InputTokens: "Count",
  OutputTokens: "Count",
  CostUsd: "None",
} as const;
export type MetricName = keyof typeof UNITS;

/** Values of metrics, and by what they are told apart. */
interface Measured {
  values: Partial<Record<MetricName, number | undefined>>;
  /** What is measured: a tool and how its call ended, or an agent. */
  of: Readonly<Record<string, string>>;
  /** For each metric the dimensions by which it is kept beside the whole deployment's. Default: none. */
  by?: Partial<Record<MetricName, readonly string[]>>;
}

const deployment = readSetting(METRICS, "");
const byService = readSetting(METRICS_BY_SERVICE, "") === "on";
/** Whether metrics are written. */
export const isMeasuring = deployment !== "";

/**
 * Writes measured values to the log, where CloudWatch finds them: a line of JSON that says of itself which of its fields are
 * metrics. Not through the console, which Lambda's runtime replaces: inside a message nothing is found.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emitMetrics(measured: Measured): void {
  if (!isMeasuring) return;
  process.stdout.write(`${JSON.stringify(toLine({ deployment, byService }, measured, Date.now()))}\n`);
}

/** @param now ms since the epoch. */
export function toLine(
  { deployment, byService }: { deployment: string; byService: boolean },
  { values, of, by = {} }: Measured,
  now: number,
): object {
  const known = Object.entries(values).filter(([, value]) => value !== undefined) as [MetricName, number][];
  const directives = known.map(([name]) => ({
    Namespace: NAMESPACE,
    Dimensions: [["Deployment"], ...(byService && by[name] ? [["Deployment", ...by[name]]] : [])],
    Metrics: [{ Name: name, Unit: UNITS[name] }],
  }));
  return {
    _aws: { Timestamp: now, CloudWatchMetrics: directives },
    Deployment: deployment,
    ...of,
    ...Object.fromEntries(known),
  };
}
