import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  configFor,
  inOnePiece,
  resources,
  type Synthesis,
  startSynthesis,
} from "../../test/support/stack.ts";

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

  test("prod has alarms for each function's errors and throttles and for each agent's failed runs; silence raises none", () => {
    const template = synthesis.template(configFor("cloud", { FANOUT_STAGE: "prod" }));
    const alarms = Object.values(resources(template, "AWS::CloudWatch::Alarm"));
    expect(alarms.map(({ Properties }) => Properties.MetricName).sort()).toEqual([
      ...["Errors", "Errors", "Errors", "Throttles", "Throttles", "Throttles"],
      "fanout-prod-TestAgent-failed-runs",
      "fanout-prod-stuck-runs",
    ]);
    for (const { Properties } of alarms) {
      expect(Properties).toMatchObject({ TreatMissingData: "notBreaching" });
      expect(Properties.AlarmActions).toBeUndefined();
    }
    template.hasResourceProperties("AWS::Logs::MetricFilter", {
      FilterPattern: '{ $.message.event = "run failed" }',
      MetricTransformations: [Match.objectLike({ MetricName: "fanout-prod-TestAgent-failed-runs" })],
    });
  });

  test("every alarm is sent to the topic", () => {
    const config = configFor("cloud", { FANOUT_STAGE: "prod", FANOUT_ALARM_TOPIC: topic });
    const alarms = Object.values(resources(synthesis.template(config), "AWS::CloudWatch::Alarm"));
    expect(alarms).toHaveLength(8);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toEqual([topic]);
  });
});
