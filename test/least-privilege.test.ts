import type { App } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";
import { defineAgent } from "../lib/agent/index.ts";
import type { AgentStackProps } from "../lib/stack/index.ts";
import {
  agent,
  configFor,
  deployedTargets,
  inOnePiece,
  resources,
  type Synthesis,
  startSynthesis,
  tuned,
} from "./support/stack.ts";

type DeployedTarget = keyof typeof deployedTargets;
const deployed = Object.keys(deployedTargets) as DeployedTarget[];

/** The project's own tools and agents, and beside them everything that a stack can have. */
const everything: Partial<AgentStackProps> = {
  tools: [...tools, tuned],
  agents: [
    ...agents,
    defineAgent({
      ...agent,
      name: "ProfileAgent",
      model: "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0",
    }),
  ],
  plainFunctions: ["sample"],
};

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

interface Statement {
  Action: string | string[];
  Resource: string | string[];
  Effect: string;
}

/** Synthesising all that twice takes seconds on a busy machine. */
const SYNTH_MS = 60_000;

/** Every statement of every role, with the actions and resources one by one. */
function grantsIn(template: Template): string[] {
  const statements = [
    ...Object.values(resources(template, "AWS::IAM::Policy")).map(
      ({ Properties }) => Properties.PolicyDocument,
    ),
    ...Object.values(resources(template, "AWS::IAM::Role")).flatMap(({ Properties }) =>
      (Properties.Policies ?? []).map(({ PolicyDocument }: { PolicyDocument: unknown }) => PolicyDocument),
    ),
  ].flatMap((document) => inOnePiece(document.Statement) as Statement[]);
  return statements.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${resource}`)),
  );
}

describe.each(deployed)("a stack for %s", (target) => {
  let template: Template;
  let grants: string[];
  beforeAll(() => {
    template = synthesis.template(configFor(target, { FANOUT_STAGE: "prod" }), everything);
    grants = grantsIn(template);
  }, SYNTH_MS);

  test(
    "passes AWS's own checks, with a reason wherever it departs from them",
    () => {
      for (const stage of ["dev", "prod"]) {
        const stack = synthesis.stack(configFor(target, { FANOUT_STAGE: stage }), everything);
        const { violations } = new AwsSolutionsChecks(stack.node.root as App).validateScope(stack.node.root);
        expect(
          violations.flatMap(({ ruleName, violatingResources }) =>
            violatingResources.map(({ constructPath }) => `${ruleName}: ${constructPath}`),
          ),
        ).toEqual([]);
      }
    },
    SYNTH_MS,
  );

  test("allows no action by a wildcard", () => {
    expect(grants.length).toBeGreaterThan(10);
    expect(grants.filter((grant) => grant.split(" on ")[0]?.includes("*"))).toEqual([]);
  });

  test("allows a resource by a wildcard only where AWS has no finer grain, or versions have no name yet", () => {
    const expected = [
      // Versions get a new number with every deployment. Only tools and agents have names that begin so: see below.
      "lambda:InvokeFunction on arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:fanout-prod-*:*",
      "lambda:PutProvisionedConcurrencyConfig on <tunedFunction.Arn>:*",
      "lambda:DeleteProvisionedConcurrencyConfig on <tunedFunction.Arn>:*",
      // A profile asks its model in any region of its geography; a condition allows it through the profile only.
      "bedrock:InvokeModel on arn:<AWS::Partition>:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
      ...(target === "self-hosted"
        ? // Lambda makes a function's network interfaces; these actions know no resource, or none that exists yet.
          [
            "ec2:CreateNetworkInterface on *",
            "ec2:DescribeNetworkInterfaces on *",
            "ec2:DescribeSubnets on *",
            "ec2:DeleteNetworkInterface on *",
            "ec2:AssignPrivateIpAddresses on *",
            "ec2:UnassignPrivateIpAddresses on *",
          ]
        : []),
    ];
    const wild = grants
      .filter((grant) => grant.includes("*"))
      .map((grant) => grant.replace(/<tunedFunction\w+\.Arn>/, "<tunedFunction.Arn>"));
    expect([...new Set(wild)].sort()).toEqual(expected.sort());
  });

  test("lets Restate invoke tools and agents, and none of the functions that work for CloudFormation or for tools", () => {
    const names = Object.values(resources(template, "AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.FunctionName as string | undefined,
    );
    const services = [...tools, tuned, ...agents, { name: "ProfileAgent" }, { name: "RunEvents" }].map(
      ({ name }) => `fanout-prod-${name}`,
    );
    // One without a name would be named after the stack, and so be invocable.
    expect(names).not.toContain(undefined);
    expect(names.filter((name) => name?.startsWith("fanout-prod-")).sort()).toEqual(services.sort());
    expect(names).toEqual(expect.arrayContaining(["sample", "restate-registration-fanout-prod"]));
  });

  test("lets each function write its own log only", () => {
    for (const { Properties } of Object.values(resources(template, "AWS::IAM::Policy"))) {
      const [writes] = (Properties.PolicyDocument.Statement as Statement[]).filter(({ Action }) =>
        JSON.stringify(Action).includes("logs:"),
      );
      if (writes) expect(JSON.stringify(writes.Resource)).toMatch(/^{"Fn::GetAtt":\["\w+","Arn"\]}$/);
    }
  });

  test("uses no managed policy of AWS's for a function", () => {
    const managed = Object.entries(resources(template, "AWS::IAM::Role")).filter(
      ([, { Properties }]) => (Properties.ManagedPolicyArns ?? []).length > 0,
    );
    expect(managed.map(([id]) => id.replace(/[A-F0-9]{8}$/, ""))).toEqual(
      target === "self-hosted" ? ["RestateServerInstanceRole"] : [],
    );
  });

  test("has nothing that the internet can reach; only its own schedule may invoke a function", () => {
    template.resourceCountIs("AWS::Lambda::Url", 0);
    const permissions = Object.values(resources(template, "AWS::Lambda::Permission"));
    expect(permissions.map(({ Properties }) => inOnePiece(Properties))).toEqual([
      {
        Action: "lambda:InvokeFunction",
        FunctionName: expect.stringMatching(/^<StuckRunsFunction\w+\.Arn>$/),
        Principal: "events.amazonaws.com",
        SourceArn: expect.stringMatching(/^<StuckRunsSchedule\w+\.Arn>$/),
      },
    ]);
  });
});
