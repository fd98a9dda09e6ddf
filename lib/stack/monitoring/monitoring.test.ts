import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import { slug } from "github-slugger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agent,
  configFor,
  inOnePiece,
  resources,
  type Synthesis,
  startSynthesis,
} from "../../../test/support/stack.ts";
import { defineAgent } from "../../agent/index.ts";
import { DECLARED } from "../../deployment/index.ts";

type Metadata = Record<string, { env: string[] }>;

const SERVICES = ["TestAgent", "plain", "tuned"];

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

describe("watching a stack", () => {
  const topic = "arn:aws:sns:us-east-1:123456789012:alarms";

  test("dev has no dashboard and no alarms, which cost money while nothing runs", () => {
    const template = synthesis.template(configFor("cloud"));
    template.resourceCountIs("AWS::CloudWatch::Alarm", 0);
    template.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
  });

  test("prod has a dashboard with every function's invocations, durations and concurrency, and the cold starts", () => {
    const template = synthesis.template(configFor("cloud", { FANOUT_STAGE: "prod" }));
    const [dashboard] = Object.values(resources(template, "AWS::CloudWatch::Dashboard"));
    const body = JSON.parse(inOnePiece(dashboard?.Properties.DashboardBody) as string) as {
      widgets: { properties: { title?: string; metrics?: unknown[][] } }[];
    };
    const shown = Object.fromEntries(
      body.widgets.map(({ properties: { title, metrics = [] } }) => [
        title,
        metrics.map((metric) => [metric[1], (metric.at(-1) as { stat?: string }).stat].join(" ").trim()),
      ]),
    );
    for (const service of SERVICES) {
      expect(shown[`${service}: invocations`]).toEqual(["Invocations Sum", "Errors Sum", "Throttles Sum"]);
      expect(shown[`${service}: duration`]).toEqual(["Duration p50", "Duration p95", "Duration p99"]);
      expect(shown[`${service}: concurrency`]).toEqual(["ConcurrentExecutions Maximum"]);
    }
    expect(
      JSON.stringify(body.widgets.find(({ properties }) => properties.title === "Cold starts")),
    ).toContain("platform.initStart");
  });

  /** What an alarm reads: its metric, or those of its expression. */
  const readBy = ({ MetricName, Metrics = [] }: Record<string, unknown>): string[] =>
    MetricName
      ? [String(MetricName)]
      : (Metrics as { MetricStat?: { Metric: { MetricName: string } } }[]).flatMap(({ MetricStat }) =>
          MetricStat ? [MetricStat.Metric.MetricName] : [],
        );
  const alarmsOf = (template: Template) =>
    Object.values(resources(template, "AWS::CloudWatch::Alarm")).map(({ Properties }) => Properties);
  const compositesOf = (template: Template) =>
    Object.values(resources(template, "AWS::CloudWatch::CompositeAlarm")).map(({ Properties }) => Properties);
  const prod = (more: Record<string, string> = {}) =>
    synthesis.template(configFor("cloud", { FANOUT_STAGE: "prod", ...more }));

  test("prod has few alarms, whatever the number of its tools; silence raises none", () => {
    const template = prod();
    expect(alarmsOf(template).map(readBy).toSorted()).toEqual([
      ["Calls", "FailedCalls"],
      ["FailedRuns"],
      ["QueueTime"],
      ["Throttles"],
      ["fanout-prod-stuck-runs"],
    ]);
    for (const alarm of alarmsOf(template)) {
      expect(alarm).toMatchObject({ TreatMissingData: "notBreaching" });
      expect(alarm.AlarmActions).toBeUndefined();
    }
  });

  test("its metrics are those that the deployment's functions are told to write", () => {
    const template = prod();
    const names = new Set<string>();
    for (const alarm of alarmsOf(template)) {
      const metrics = alarm.Metrics?.map(
        ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric,
      );
      for (const metric of metrics ?? [alarm])
        if (metric?.Namespace === "Fanout" && metric.Dimensions) names.add(JSON.stringify(metric.Dimensions));
    }
    expect([...names]).toEqual([JSON.stringify([{ Name: "Deployment", Value: "fanout-prod" }])]);
    const environments = SERVICES.map((service) => environmentOf(template, `fanout-prod-${service}`));
    for (const variables of environments)
      expect(variables).toMatchObject({ FANOUT_METRICS: "fanout-prod", FANOUT_METRICS_BY_SERVICE: "on" });
  });

  test("failures count as a rate, of at least ten calls", () => {
    const [rate] = alarmsOf(prod()).filter((alarm) => readBy(alarm).includes("FailedCalls"));
    expect(rate?.Metrics[0].Expression).toBe("IF(calls >= 10, 100 * failed / calls, 0)");
    expect(rate).toMatchObject({ Threshold: 20, EvaluationPeriods: 3, DatapointsToAlarm: 2 });
  });

  test("what the models cost raises an alarm only if somebody says how much is too much", () => {
    const [cost] = alarmsOf(prod({ FANOUT_ALARM_COST_USD_PER_HOUR: "20" })).filter((alarm) =>
      readBy(alarm).includes("CostUsd"),
    );
    expect(cost).toMatchObject({ Threshold: 20, Period: 3600, Statistic: "Sum" });
  });

  test("waiting calls and throttled agents are told as one; every alarm's end is told too", () => {
    const template = prod({ FANOUT_ALARM_TOPIC: topic });
    const silent = ["QueueTime", "Throttles"];
    for (const alarm of alarmsOf(template)) {
      const tells = readBy(alarm).some((name) => silent.includes(name)) ? undefined : [topic];
      expect({ AlarmActions: alarm.AlarmActions, OKActions: alarm.OKActions }).toEqual({
        AlarmActions: tells,
        OKActions: tells,
      });
    }
    const [waiting, ...others] = compositesOf(template);
    expect(others).toEqual([]);
    expect(waiting).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
    expect(inOnePiece(waiting?.AlarmRule)).toMatch(
      /^\(ALARM\(.*Alarmscallswait.*\) OR ALARM\(.*Alarmsagentsthrottled.*\)\)$/,
    );
  });

  test("every alarm says where its runbook is", () => {
    const runbooks = readFileSync(join(import.meta.dirname, "../../../docs/operating.md"), "utf8");
    const anchors = new Set([...runbooks.matchAll(/^### (.+)$/gm)].map(([, title = ""]) => slug(title)));
    const template = prod({ FANOUT_ALARM_COST_USD_PER_HOUR: "20" });
    const all = [...alarmsOf(template), ...compositesOf(template)];
    expect(all).toHaveLength(7);
    for (const { AlarmDescription } of all) {
      const [, anchor] = /What to do: docs\/operating\.md#(.+)$/.exec(AlarmDescription) ?? [];
      expect(anchors).toContain(anchor);
    }
  });

  test("FANOUT_MONITORING=alarms leaves out the dashboard and the metrics by tool, off everything", () => {
    const alarms = prod({ FANOUT_MONITORING: "alarms" });
    alarms.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
    expect(alarmsOf(alarms)).toHaveLength(5);
    expect(environmentOf(alarms, "fanout-prod-plain")).toMatchObject({ FANOUT_METRICS: "fanout-prod" });
    expect(environmentOf(alarms, "fanout-prod-plain")).not.toHaveProperty("FANOUT_METRICS_BY_SERVICE");

    const off = prod({ FANOUT_MONITORING: "off" });
    off.resourceCountIs("AWS::CloudWatch::Alarm", 0);
    off.resourceCountIs("AWS::Events::Rule", 0);
    expect(environmentOf(off, "fanout-prod-plain")).not.toHaveProperty("FANOUT_METRICS");
  });

  test("dev can be watched too", () => {
    const template = synthesis.template(configFor("cloud", { FANOUT_MONITORING: "full" }));
    expect(alarmsOf(template)).toHaveLength(5);
    template.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  });

  test("agents' throttles take another alarm for every ten agents, which is what one can read", () => {
    const agents = Array.from({ length: 11 }, (_, index) => defineAgent({ ...agent, name: `Agent${index}` }));
    const template = synthesis.template(configFor("cloud", { FANOUT_STAGE: "prod" }), { agents });
    const read = alarmsOf(template)
      .map(readBy)
      .filter(([name]) => name === "Throttles");
    expect(read.map(({ length }) => length).toSorted()).toEqual([1, 10]);
  });
});

describe("traces", () => {
  const layer = "arn:aws:lambda:us-east-1:123456789012:layer:collector:1";
  const otlp = { FANOUT_OTLP_ENDPOINT: "http://localhost:4318" };

  test("every tool and agent sends them where the deployment says, with the layer that takes them there", () => {
    const template = synthesis.template(configFor("cloud", { ...otlp, FANOUT_OTLP_LAYER: layer }));
    for (const service of SERVICES) {
      const name = `fanout-dev-${service}`;
      expect(environmentOf(template, name)).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      });
      expect(functionCalled(template, name).Layers).toContain(layer);
    }
  });

  test("without the setting nothing of a function is different", () => {
    const template = synthesis.template(configFor("cloud"));
    expect(JSON.stringify(template.toJSON())).not.toMatch(/OTEL_|FANOUT_METRICS/);
  });

  test("on a laptop functions take OpenTelemetry's own settings from whoever starts them", () => {
    const template = synthesis.template(configFor("local"));
    const all = Object.values(resources(template, "AWS::Lambda::Function")) as { Metadata?: Metadata }[];
    const declared = all.flatMap(({ Metadata }) => Metadata?.[DECLARED] ?? []);
    expect(declared).toHaveLength([...SERVICES, "RunEvents"].length);
    for (const { env } of declared) expect(env).toContain("OTEL_EXPORTER_OTLP_ENDPOINT");
    for (const service of SERVICES)
      expect(environmentOf(template, `fanout-${service}`)).toMatchObject({ OTEL_EXPORTER_OTLP_ENDPOINT: "" });
  });
});

function functionCalled(template: Template, name: string) {
  const all = Object.values(resources(template, "AWS::Lambda::Function")).map(({ Properties }) => Properties);
  return all.find(({ FunctionName }) => FunctionName === name) ?? expect.fail(`there is no function ${name}`);
}

const environmentOf = (template: Template, name: string): object =>
  functionCalled(template, name).Environment.Variables;
