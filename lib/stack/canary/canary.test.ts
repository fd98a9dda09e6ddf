import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configFor, type Synthesis, startSynthesis } from "../../../test/support/stack.ts";
import type { CanarySettings } from "./canary.ts";

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms";
const withCanary = (canary: CanarySettings | undefined, target: "cloud" | "self-hosted" = "cloud") =>
  synthesis.template(configFor(target, { FANOUT_ALARM_TOPIC: TOPIC }), {
    settings: canary ? { canary } : {},
  });

test("it asks on its schedule, once each time, with an alarm that says when it works again", () => {
  const template = withCanary({ agent: "TestAgent", message: "How warm is Oslo?", everyMinutes: 30 });
  template.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "canary-fanout-dev",
    Environment: { Variables: { CANARY_AGENT: "TestAgent", CANARY_MESSAGE: "How warm is Oslo?" } },
  });
  template.hasResourceProperties("AWS::Events::Rule", {
    ScheduleExpression: "rate(30 minutes)",
    Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
  });
  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    MetricName: "Errors",
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    TreatMissingData: "ignore",
  });
});

test("where the ingress is in a network, it is in that network", () => {
  withCanary({ agent: "TestAgent", message: "Hi" }, "self-hosted").hasResourceProperties(
    "AWS::Lambda::Function",
    {
      FunctionName: "canary-fanout-dev",
      VpcConfig: {
        SecurityGroupIds: [{ "Fn::GetAtt": [Match.stringLikeRegexp("IngressSecurityGroup"), "GroupId"] }],
      },
    },
  );
});

test("without it, there is none", () => {
  withCanary(undefined).resourceCountIs("AWS::Events::Rule", 0);
});

test("an agent that is not there, and another rate, are refused", () => {
  expect(() => withCanary({ agent: "Nobody", message: "Hi" })).toThrow(
    'canary: there is no agent "Nobody". Agents: TestAgent.',
  );
  expect(() => withCanary({ agent: "TestAgent", message: "Hi", everyMinutes: 1 })).toThrow(
    "canary: everyMinutes: expected 5 to 1440, got 1.",
  );
});
