import { join } from "node:path";
import { Duration, Stack } from "aws-cdk-lib";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { functionRole } from "../function-role.ts";
import { kitFile } from "../kit-file.ts";
import { nodeFunction } from "../node-function.ts";
import type { RestateTarget } from "../targets/target.ts";
import { SETTINGS, WATCH_EVERY_MINUTES, type Watched } from "./settings.ts";

/** The function's bundle and its source. */
export const STUCK_RUNS_BUNDLE = "stuck-runs";
export const STUCK_RUNS_HANDLER = kitFile("stack/stuck-runs/handler");

interface StuckRunsProps {
  restate: RestateTarget;
  /** The deployment's name. */
  name: string;
  /** The names of the services whose runs are watched. */
  services: readonly string[];
  /** The ARN of the SNS topic that is told. Default: none; the log has them. */
  alarmTopic: string | undefined;
  /** The folder with the function's bundle. */
  bundleDir: string;
  logGroup: LogGroup;
}

/** A function that looks, every few minutes, for runs that make no progress. */
export class StuckRuns extends Construct {
  /** How many there are. */
  readonly metric;

  constructor(scope: Construct, id: string, props: StuckRunsProps) {
    super(scope, id);
    const { restate, name, services, alarmTopic, bundleDir, logGroup } = props;
    const { adminUrl, authToken, network } = restate;
    const fn = new lambda.Function(this, "Function", {
      ...nodeFunction(join(bundleDir, STUCK_RUNS_BUNDLE)),
      functionName: `stuck-runs-${name}`,
      description: "Looks for runs that make no progress, and tells of them",
      role: functionRole(this, logGroup, { inNetwork: network !== undefined }),
      timeout: Duration.minutes(1),
      logGroup,
      environment: {
        [SETTINGS.name]: name,
        [SETTINGS.adminUrl]: adminUrl,
        [SETTINGS.apiKeySecret]: authToken?.secretName ?? "",
        [SETTINGS.topic]: alarmTopic ?? "",
      },
      ...network,
      ...(authToken && {
        paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(
          lambda.ParamsAndSecretsVersions.V1_0_103,
        ),
      }),
    });
    authToken?.grantRead(fn);
    if (alarmTopic) Topic.fromTopicArn(this, "Topic", alarmTopic).grantPublish(fn);
    const watched: Watched = { services };
    const every = Duration.minutes(WATCH_EVERY_MINUTES);
    new Rule(this, "Schedule", {
      schedule: Schedule.rate(every),
      // The next look sees what this one missed.
      targets: [new LambdaFunction(fn, { retryAttempts: 0, event: RuleTargetInput.fromObject(watched) })],
    });
    const filter = new MetricFilter(this, "Filter", {
      logGroup,
      metricNamespace: "Fanout",
      metricName: `${Stack.of(this).stackName}-stuck-runs`,
      filterPattern: FilterPattern.stringValue("$.message.event", "=", "run stuck"),
    });
    this.metric = filter.metric({ statistic: "Sum", period: every });
  }
}
