import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, CfnResource, type Stack, Validations } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { placeTools } from "../lib/deployment/index.ts";
import type { AgentStackProps } from "../lib/stack/index.ts";
import { checkResources } from "../lib/stack/resource-limit.ts";
import { TemplateChecks } from "../lib/stack/template-checks.ts";
import { defineTool } from "../lib/tool/index.ts";
import {
  configFor,
  deployedTargets,
  plain,
  type Synthesis,
  schemas,
  startSynthesis,
  tuned,
} from "./support/stack.ts";

/** Everything that a tool can have makes it the largest. */
const many = Array.from({ length: 148 }, (_, index) =>
  defineTool({
    name: `tool_${index}`,
    description: "One of many.",
    ...schemas,
    secrets: ["API_KEY"],
    scaling: { provisioned: 1 },
  }),
);
const spread = (tools: AgentStackProps["tools"]) => ({
  tools,
  toolStacks: placeTools(
    tools.map(({ name }) => name),
    undefined,
    [],
  ),
});
// The one with most types first, since rules are read again for each new type.
const TARGETS = (Object.keys(deployedTargets) as (keyof typeof deployedTargets)[]).toReversed();
/** Checking many functions takes seconds on a busy machine. */
const CHECK_MS = 120_000;

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

interface Report {
  pluginReports: {
    violations: { description: string }[];
    suppressedViolations?: { acknowledgedId: string }[];
  }[];
}

const checks = new TemplateChecks();
/** Only cdk-nag's and restate-cdk's own acknowledgements do not end so. */
const isGuardRule = (id: string) => id.endsWith("_check");

/**
 * Checks a stack as a deployment does.
 * @returns what is wrong, though it may only be a warning, and the rules that the stack departs from with a reason.
 * @throws Error that says what is wrong, if it is more than a warning.
 */
function check(stack: Stack) {
  const app = stack.node.root as App;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), checks);
  const { directory } = app.synth();
  const { pluginReports }: Report = JSON.parse(
    readFileSync(join(directory, "validation-report.json"), "utf8"),
  );
  const suppressed = pluginReports.flatMap((one) => one.suppressedViolations ?? []);
  return {
    wrong: pluginReports.flatMap(({ violations }) => violations.map(({ description }) => description)),
    departures: new Set(suppressed.map(({ acknowledgedId }) => acknowledgedId).filter(isGuardRule)),
  };
}

/** The rules that a stack has a reason to depart from. */
function acknowledged(stack: Stack): Set<string> {
  const reasons = stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.keys(data));
  return new Set(reasons.filter(isGuardRule));
}

test.each(TARGETS.flatMap((target) => ["dev", "prod"].map((stage) => ({ target, stage }))))(
  "for $target in $stage the template fits the schemas, departs from no rule without a reason, and has no reason too many",
  ({ target, stage }) => {
    const stack = synthesis.stack(configFor(target, { FANOUT_STAGE: stage }));
    const { wrong, departures } = check(stack);
    expect(wrong).toEqual([]);
    expect(departures).toEqual(acknowledged(stack));
  },
  CHECK_MS,
);

test(
  "a project's settings of its stack leave no reason too many",
  () => {
    const stack = synthesis.stack(configFor("cloud"), {
      settings: {
        logKeyArn: "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555",
        logRetention: RetentionDays.ONE_YEAR,
        canary: { agent: "TestAgent", message: "Hello" },
      },
    });
    const { wrong, departures } = check(stack);
    expect(wrong).toEqual([]);
    expect(departures).toEqual(acknowledged(stack));
  },
  CHECK_MS,
);

test.each(["NONE", "AWS_IAM"] as const)(
  "routes on a function URL with %s leave no reason too many",
  (auth) => {
    const config = configFor("cloud", { RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key" });
    const server = { auth, corsOrigins: ["https://app.example.com"] };
    const stack = synthesis.stack(config, { server: true, settings: { server } });
    const { wrong, departures } = check(stack);
    expect(wrong).toEqual([]);
    expect(departures).toEqual(acknowledged(stack));
  },
  CHECK_MS,
);

test(
  "routes that every site's pages may use are refused",
  () => {
    const config = configFor("cloud", { RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key" });
    const settings = { server: { corsOrigins: ["*"] } };
    expect(() => check(synthesis.stack(config, { server: true, settings }))).toThrow(
      /lambda_function_url_cors_check/,
    );
  },
  CHECK_MS,
);

describe("150 tools", () => {
  const config = configFor("self-hosted", { FANOUT_STAGE: "prod" });

  test(
    "fit the schemas, the rules and CloudFormation's limit in nested stacks",
    () => {
      const stack = synthesis.stack(config, spread([plain, tuned, ...many]));
      expect(() => checkResources(stack.node.root)).not.toThrow();
      expect(check(stack).wrong).toEqual([]);
    },
    CHECK_MS,
  );

  test("in one stack are too many, and the error says what to do", () => {
    const stack = synthesis.stack(config, { tools: many });
    expect(() => checkResources(stack.node.root)).toThrow(
      /^The stack main should have at most 500 resources, .* it has \d+\. Run `npm run sync`/,
    );
  });
});

const code = { S3Bucket: "bucket", S3Key: "key" };
const fn = { Code: code, Role: "arn:aws:iam::123456789012:role/x", Handler: "a.b", Runtime: "nodejs24.x" };
const URL_TARGET = "arn:aws:lambda:us-east-1:123456789012:function:x";

test(
  "in a nested stack too, what does not fit a schema or departs from a rule is refused",
  () => {
    const stack = synthesis.stack(configFor("cloud"), {
      tools: [plain, tuned],
      toolStacks: { main: ["plain"], Tools2: ["tuned"] },
    });
    const wrong: [type: string, properties: Record<string, unknown>, said: RegExp][] = [
      ["AWS::Lambda::Function", { ...fn, Memory: 128 }, /'Memory'/],
      ["AWS::Lambda::Function", { ...fn, Timeout: "long" }, /Timeout: /],
      ["AWS::Lambda::Function", { Code: code }, /'Role'/],
      ["AWS::Lambda::Function", { ...fn, MemorySize: 1 }, /MemorySize: /],
      ["AWS::Lambda::Function", { ...fn, Runtime: "nodejs0" }, /'nodejs0' is not one of/],
      [
        "AWS::Lambda::Url",
        { AuthType: "NONE", TargetFunctionArn: URL_TARGET },
        /lambda_function_url_auth_check/,
      ],
    ];
    wrong.forEach(([type, properties], index) => {
      new CfnResource(stack.node.findChild("Tools2"), `Wrong${index}`, { type, properties });
    });
    const error = (() => {
      try {
        check(stack);
      } catch (thrown) {
        return (thrown as Error).message;
      }
    })();
    for (const [, , said] of wrong) expect(error).toMatch(said);
  },
  CHECK_MS,
);
