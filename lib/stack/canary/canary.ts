import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { SettingsError } from "../../deployment/index.ts";
import { acknowledgeRule } from "../acknowledge.ts";
import { functionRole } from "../function-role.ts";
import { kitFile } from "../kit-file.ts";
import { nodeFunction } from "../node-function.ts";
import type { RestateTarget } from "../targets/target.ts";
import { SETTINGS } from "./settings.ts";

/** The function's bundle and its source. */
export const CANARY_BUNDLE = "canary";
export const CANARY_HANDLER = kitFile("stack/canary/handler");

/** A question that is asked again and again, to learn before anybody else that there is no answer. */
export interface CanarySettings {
  /** The agent that is asked. */
  agent: string;
  /** What it is asked: something for which it calls tools. Each time costs a run. */
  message: string;
  /** How often, in minutes: 5 to 1440. Default 60. */
  everyMinutes?: number;
}

/** A run takes no longer, or is taken for failed. */
const PATIENCE = Duration.minutes(10);
/** CloudWatch counts in these. */
const PERIOD = Duration.minutes(5);
const DAY_MINUTES = 1440;

interface CanaryProps {
  canary: CanarySettings;
  /** The names of the agents that there are. */
  agents: readonly string[];
  restate: RestateTarget;
  /** The deployment's name. */
  name: string;
  /** The ARN of the SNS topic that the alarm is sent to. Default: none; the console shows it. */
  alarmTopic: string | undefined;
  /** The folder with the function's bundle. */
  bundleDir: string;
  logGroup: LogGroup;
}

/** A function that asks an agent a question on a schedule, and an alarm for when the answer is no good. */
export class Canary extends Construct {
  /** @throws SettingsError for an agent that is not there, or another rate. */
  constructor(scope: Construct, id: string, props: CanaryProps) {
    super(scope, id);
    const { agent, message, everyMinutes = 60 } = props.canary;
    if (!props.agents.includes(agent))
      throw new SettingsError(`canary: there is no agent "${agent}". Agents: ${props.agents.join(", ")}.`);
    if (!(everyMinutes >= PERIOD.toMinutes() && everyMinutes <= DAY_MINUTES))
      throw new SettingsError(
        `canary: everyMinutes: expected ${PERIOD.toMinutes()} to ${DAY_MINUTES}, got ${everyMinutes}.`,
      );
    const fn = this.#function(props, { agent, message });
    new Rule(this, "Schedule", {
      schedule: Schedule.rate(Duration.minutes(everyMinutes)),
      // A second try would hide what the first has found.
      targets: [new LambdaFunction(fn, { retryAttempts: 0 })],
    });
    const alarm = new Alarm(this, "Alarm", {
      metric: fn.metricErrors({ period: PERIOD, statistic: "Maximum" }),
      alarmDescription: `${agent} did not answer the canary's question, or a tool failed in it. The reason is in the log of ${fn.functionName}.`,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Until it is asked again, it is as it was.
      treatMissingData: TreatMissingData.IGNORE,
    });
    this.#notify(alarm, props.alarmTopic);
  }

  #notify(alarm: Alarm, topic: string | undefined): void {
    if (topic) {
      const tell = new SnsAction(Topic.fromTopicArn(this, "Topic", topic));
      alarm.addAlarmAction(tell);
      alarm.addOkAction(tell);
    } else {
      acknowledgeRule(this, "cloudwatch_alarm_action_check", "Without a topic, the console shows the alarm.");
    }
  }

  #function(
    { restate, name, bundleDir, logGroup }: CanaryProps,
    { agent, message }: CanarySettings,
  ): lambda.Function {
    const { ingressUrl, authToken, ingressNetwork } = restate;
    const fn = new lambda.Function(this, "Function", {
      ...nodeFunction(join(bundleDir, CANARY_BUNDLE)),
      functionName: `canary-${name}`,
      description: `Asks ${agent} a question, to see whether it answers`,
      role: functionRole(this, logGroup, { inNetwork: ingressNetwork !== undefined }),
      timeout: PATIENCE,
      logGroup,
      environment: {
        [SETTINGS.ingressUrl]: ingressUrl,
        [SETTINGS.apiKeySecret]: authToken?.secretName ?? "",
        [SETTINGS.agent]: agent,
        [SETTINGS.message]: message,
      },
      ...ingressNetwork,
      ...(authToken && {
        paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
          lambda.ParamsAndSecretsVersions.V1_0_103,
        ),
      }),
    });
    authToken?.grantRead(fn);
    return fn;
  }
}
