import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "../lib/agent/index.ts";
import { AgentStack, type AgentStackProps } from "../lib/stack/agent-stack.ts";
import { type DeploymentConfig, readDeploymentConfig } from "../lib/stack/config.ts";
import { PLAIN_FUNCTION } from "../lib/stack/plain-mark.ts";
import { defineTool } from "../lib/tool/index.ts";

const schemas = { input: z.object({}), output: z.object({}) };
const plain = defineTool({ name: "plain", description: "Has only defaults.", ...schemas });
const tuned = defineTool({
  name: "tuned",
  description: "Sets everything.",
  ...schemas,
  timeout: { seconds: 100 },
  scaling: { memoryMb: 256, maxConcurrency: 7, provisioned: 2 },
  env: { BASE_URL: "https://api.example" },
  secrets: ["API_KEY"],
});
const agent = defineAgent({
  name: "TestAgent",
  description: "Tests.",
  model: "openai/gpt-5.4",
  instructions: "Test.",
  tools: [plain, tuned],
});

const onBedrock = defineAgent({
  ...agent,
  name: "BedrockAgent",
  model: "bedrock/amazon.nova-pro-v1:0",
  models: ["openai/gpt-5.4", "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0"],
});

const cloud = readDeploymentConfig({
  FANOUT_TARGET: "cloud",
  RESTATE_ENVIRONMENT_ID: "env_123abc",
  RESTATE_REGION: "eu",
  RESTATE_API_KEY_SECRET: "restate/api-key",
});
const local = readDeploymentConfig({});

let bundleDir: string;
beforeAll(() => {
  bundleDir = mkdtempSync(join(tmpdir(), "fanout-stack-test-"));
  for (const name of ["plain", "tuned", "TestAgent", "BedrockAgent", "existing", "their-function"]) {
    mkdirSync(join(bundleDir, name));
    writeFileSync(join(bundleDir, name, "index.mjs"), `export const handler = "${name}";`);
  }
});
afterAll(() => rmSync(bundleDir, { recursive: true }));

function synthesise(
  config: DeploymentConfig,
  agents = [agent],
  more: Partial<AgentStackProps> = {},
): Template {
  const outdir = join(bundleDir, `cdk.out-${config.target.kind}`);
  const stack = new AgentStack(new App({ outdir }), config.name, {
    tools: [plain, tuned],
    agents,
    plainFunctions: [],
    config,
    bundleDir,
    ...more,
  });
  return Template.fromStack(stack);
}

const functionsNamed = (template: Template, name: string) =>
  template.findResources("AWS::Lambda::Function", { Properties: { FunctionName: name } });
const registrations = (template: Template) => template.findResources("Custom::RestateServiceDeployment");

describe.each([
  ["local", local],
  ["cloud", cloud],
])("for the target %s", (_, config) => {
  let template: Template;
  beforeAll(() => {
    template = synthesise(config);
  });

  test("there is one function and one registration per tool and agent", () => {
    for (const name of ["fanout-plain", "fanout-tuned", "fanout-TestAgent"]) {
      expect(Object.keys(functionsNamed(template, name))).toHaveLength(1);
    }
    expect(
      Object.values(registrations(template))
        .map(({ Properties }) => Properties.servicePath)
        .sort(),
    ).toEqual(["TestAgent", "plain", "tuned"]);
  });

  test("functions run Node 24 on ARM64 as ESM bundles with JSON logs", () => {
    for (const name of ["fanout-plain", "fanout-tuned", "fanout-TestAgent"]) {
      template.hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: name,
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
        LoggingConfig: Match.objectLike({ LogFormat: "JSON" }),
      });
    }
  });

  test("a contract's scaling, timeout and environment become the function's", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-tuned",
      MemorySize: 256,
      ReservedConcurrentExecutions: 7,
      Timeout: 115,
      Environment: { Variables: Match.objectLike({ BASE_URL: "https://api.example" }) },
    });
    template.hasResourceProperties("AWS::Lambda::Version", {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-plain",
      MemorySize: 512,
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test("tools are private and agents public", () => {
    const byService = Object.fromEntries(
      Object.values(registrations(template)).map(({ Properties }) => [
        Properties.servicePath,
        Properties.private,
      ]),
    );
    expect(byService).toEqual({ plain: "true", tuned: "true", TestAgent: "false" });
  });

  test("every registration waits for the deployer, and an agent's for all tools'", () => {
    const all = Object.entries(registrations(template));
    const deployer = Object.keys(
      template.findResources("AWS::Lambda::Function", { Properties: { Handler: "entrypoint.handler" } }),
    );
    expect(deployer).toHaveLength(1);
    for (const [, { DependsOn }] of all) expect(DependsOn).toEqual(expect.arrayContaining(deployer));
    const toolIds = all.filter(([, { Properties }]) => Properties.private === "true").map(([id]) => id);
    const agentRegistration = all.find(([, { Properties }]) => Properties.private === "false")?.[1];
    expect(agentRegistration?.DependsOn).toEqual(expect.arrayContaining(toolIds));
  });

  test("versions outlive the deployment that replaces them", () => {
    const versions = Object.values(template.findResources("AWS::Lambda::Version"));
    expect(versions).toHaveLength(3);
    for (const version of versions) expect(version.DeletionPolicy).toBe("Retain");
  });

  test("every function has a role of its own", () => {
    const roles = Object.values(template.findResources("AWS::Lambda::Function")).map(({ Properties }) =>
      JSON.stringify(Properties.Role),
    );
    expect(new Set(roles).size).toBe(roles.length);
  });
});

describe("for Restate Cloud", () => {
  let template: Template;
  beforeAll(() => {
    template = synthesise(cloud);
  });

  test("no policy allows a wildcard action, and a wildcard resource only where the invoker names a function's versions", () => {
    const statements = Object.values(template.findResources("AWS::IAM::Policy")).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[],
    );
    expect(statements.length).toBeGreaterThan(0);
    for (const { Action, Resource } of statements) {
      expect(JSON.stringify(Action)).not.toContain("*");
      if (JSON.stringify(Resource).includes('"*"')) expect(Action).toBe("never");
    }
  });

  test("a secret is fetched by name at run time: only its reader's role may, and no value is in the template", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-tuned",
      Environment: { Variables: Match.objectLike({ API_KEY: Match.absent(), SECRETS_PREFIX: "fanout/" }) },
      Layers: Match.anyValue(),
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-plain",
      Layers: Match.absent(),
    });
    const readers = Object.values(template.findResources("AWS::IAM::Policy"))
      .filter(({ Properties }) => JSON.stringify(Properties).includes("fanout/API_KEY"))
      .map(({ Properties }) => Properties.Roles.length);
    expect(readers).toEqual([1]);
  });

  test("the agent reads its model provider's secret and setting, and no other provider's", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-TestAgent",
      Environment: {
        Variables: Match.objectLike({ MODEL: "openai/gpt-5.4", ANTHROPIC_BASE_URL: Match.absent() }),
      },
    });
    expect(JSON.stringify(template.toJSON())).not.toContain("ANTHROPIC_API_KEY");
  });

  test("a deployment's model replaces the agent's", () => {
    const other = synthesise({ ...cloud, model: "anthropic/claude-haiku-4-5" });
    other.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-TestAgent",
      Environment: {
        Variables: Match.objectLike({ MODEL: "anthropic/claude-haiku-4-5", ANTHROPIC_BASE_URL: "" }),
      },
    });
    expect(JSON.stringify(other.toJSON())).toContain("fanout/ANTHROPIC_API_KEY");
  });
});

/** CloudFormation's joins as text: `<Ref>` for each reference. */
const inOnePiece = (value: unknown) => JSON.parse(JSON.stringify(value), joined) as unknown;
const joined = (_key: string, value: unknown) => {
  const parts = (value as { "Fn::Join"?: [string, (string | { Ref: string })[]] } | null)?.["Fn::Join"]?.[1];
  return parts ? parts.map((part) => (typeof part === "string" ? part : `<${part.Ref}>`)).join("") : value;
};

describe("a tool that is an existing Lambda function", () => {
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:their-function";
  const synthesiseFor = (lambda: string) =>
    synthesise(cloud, [], {
      tools: [defineTool({ name: "existing", description: "Is theirs.", ...schemas, lambda })],
      plainFunctions: ["their-function"],
    });

  test.each([
    ["their-function", "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:their-function"],
    [
      "their-function:live",
      "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:their-function:live",
    ],
    [arn, arn],
    [`${arn}:7`, `${arn}:7`],
  ])("%s: its adapter may invoke exactly that, and nothing else", (lambda, resource) => {
    const policies = Object.values(synthesiseFor(lambda).findResources("AWS::IAM::Policy")).filter(
      ({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith("existing")),
    );
    expect(policies.map(({ Properties }) => inOnePiece(Properties.PolicyDocument.Statement))).toEqual([
      [{ Action: "lambda:InvokeFunction", Effect: "Allow", Resource: resource }],
    ]);
  });

  test("its adapter declares where Lambda's API is, and the function itself is no Restate service", () => {
    const template = synthesiseFor("their-function");
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-existing",
      Environment: { Variables: { LAMBDA_ENDPOINT_URL: "" } },
    });
    expect(Object.values(functionsNamed(template, "their-function"))).toMatchObject([
      { Metadata: { [PLAIN_FUNCTION]: true } },
    ]);
    expect(Object.values(registrations(template)).map(({ Properties }) => Properties.servicePath)).toEqual([
      "existing",
    ]);
  });
});

describe("an agent on Bedrock", () => {
  /** Each statement that allows Bedrock, with ARNs in one piece, and the roles that have it. */
  function bedrockStatements(template: Template) {
    return Object.values(template.findResources("AWS::IAM::Policy")).flatMap(({ Properties }) =>
      (Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown; Condition?: unknown }[])
        .filter(({ Action }) => JSON.stringify(Action).includes("bedrock:"))
        .map(({ Action, Resource, Condition }) => ({
          action: Action,
          resource: inOnePiece(Resource),
          ...(Condition !== undefined && { condition: inOnePiece(Condition) }),
          roles: Properties.Roles.map(({ Ref }: { Ref: string }) => Ref.replace(/Function.*/, "")),
        })),
    );
  }

  test("may ask exactly its models: a foundation model, a profile, and the profile's model only through the profile", () => {
    const own = "arn:<AWS::Partition>:bedrock:<AWS::Region>";
    const profile = `${own}:<AWS::AccountId>:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0`;
    const common = { action: "bedrock:InvokeModel", roles: ["BedrockAgent"] };
    expect(bedrockStatements(synthesise(cloud, [agent, onBedrock]))).toEqual([
      { ...common, resource: `${own}::foundation-model/amazon.nova-pro-v1:0` },
      { ...common, resource: profile },
      {
        ...common,
        resource: "arn:<AWS::Partition>:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
        condition: { StringEquals: { "bedrock:InferenceProfileArn": profile } },
      },
    ]);
  });

  test("of the deployment's choice replaces the agent's own model, and its permission", () => {
    const model = "bedrock/arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc";
    const resources = bedrockStatements(synthesise({ ...cloud, model }, [agent])).map(
      ({ resource }) => resource,
    );
    expect(resources).toEqual([model.replace("bedrock/", "")]);
  });

  test("needs no secret for it, and other agents get no permission", () => {
    expect(bedrockStatements(synthesise(cloud, [agent]))).toEqual([]);
    const bedrockOnly = defineAgent({ ...onBedrock, models: [] });
    synthesise(cloud, [bedrockOnly]).hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-BedrockAgent",
      Layers: Match.absent(),
      Environment: { Variables: { MODEL: bedrockOnly.model, BEDROCK_BASE_URL: "", RESTATE_SCOPES: "off" } },
    });
  });
});

test("the laptop's template declares secrets as empty variables, for the Lambda host to fill in", () => {
  synthesise(local).hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "fanout-tuned",
    Environment: { Variables: { BASE_URL: "https://api.example", API_KEY: "" } },
  });
});

test("all of a deployment's wrong settings are in one error", () => {
  const wrong = { FANOUT_TARGET: "cloud", RESTATE_ENVIRONMENT_ID: "my-env", FANOUT_MODEL: "gpt" };
  expect(() => readDeploymentConfig(wrong)).toThrow(
    /FANOUT_MODEL: .*\n.*RESTATE_ENVIRONMENT_ID: expected env_/,
  );
  expect(() => readDeploymentConfig({ FANOUT_TARGET: "cloud" })).toThrow(
    /RESTATE_ENVIRONMENT_ID: needed.*\n.*RESTATE_API_KEY_SECRET: needed/,
  );
});
