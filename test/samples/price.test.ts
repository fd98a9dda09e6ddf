import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents } from "../../functions/agents/index.ts";
import { tools } from "../../functions/tools/index.ts";
import { ROOT } from "../support/imports.ts";
import { configFor, resources, type Synthesis, startSynthesis } from "../support/stack.ts";

/**
 * What CloudWatch and Secrets Manager bill while nothing runs, in USD per month in us-east-1, without what is free. An alarm
 * costs its price for each metric that it reads.
 * @see https://aws.amazon.com/cloudwatch/pricing/
 * @see https://aws.amazon.com/secrets-manager/pricing/
 */
const PRICES = { alarmMetric: 0.1, compositeAlarm: 0.5, dashboard: 3, secret: 0.4 };

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

const idle = (monitoring: string) =>
  synthesis.template(configFor("cloud", { FANOUT_STAGE: "prod", FANOUT_MONITORING: monitoring }), {
    tools,
    agents,
  });

const all = (template: Template, type: string) =>
  Object.values(resources(template, type)).map(({ Properties }) => Properties);

function price(template: Template): { alarmMetrics: number; watching: string } {
  const alarmMetrics = all(template, "AWS::CloudWatch::Alarm")
    .map(({ MetricName, Metrics }) =>
      MetricName ? 1 : Metrics.filter(({ MetricStat }: { MetricStat?: object }) => MetricStat).length,
    )
    .reduce((sum, count) => sum + count, 0);
  const composites = all(template, "AWS::CloudWatch::CompositeAlarm").length;
  const dashboards = all(template, "AWS::CloudWatch::Dashboard").length;
  const usd =
    alarmMetrics * PRICES.alarmMetric + composites * PRICES.compositeAlarm + dashboards * PRICES.dashboard;
  return { alarmMetrics, watching: `$${usd.toFixed(2)}` };
}

test("docs/costs.md says what a deployment of the samples to prod costs while nothing runs, and how it costs less", () => {
  const page = readFileSync(join(ROOT, "docs/costs.md"), "utf8");
  const full = price(idle("full"));
  const alarms = price(idle("alarms"));
  const secrets = new Set([...tools.flatMap((tool) => tool.secrets), "OPENAI_API_KEY", "Restate's"]).size;
  expect(price(idle("off"))).toEqual({ alarmMetrics: 0, watching: "$0.00" });
  expect(page).toContain(
    `${full.watching} per month for these samples: alarms that read ${full.alarmMetrics} metrics`,
  );
  expect(page).toContain(`\`FANOUT_MONITORING=alarms\`: ${alarms.watching}`);
  expect(page).toContain(`these samples have ${secrets}, $${(secrets * PRICES.secret).toFixed(2)}`);
});

test("docs/costs.md says how many metrics the samples have, which are billed while something runs", () => {
  const page = readFileSync(join(ROOT, "docs/costs.md"), "utf8");
  // Runs, FailedRuns, InputTokens, OutputTokens and CostUsd by agent; Calls that are ok and QueueTime by tool.
  const byService = 5 * agents.length + 2 * tools.length;
  expect(page).toContain(`8 for the deployment, and for these samples ${byService} by tool and agent`);
});
