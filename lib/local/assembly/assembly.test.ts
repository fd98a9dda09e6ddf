import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DECLARED, PLAIN_FUNCTION } from "../../deployment/index.ts";
import { readAssembly } from "./assembly.ts";
import type { Resource } from "./template.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fanout-assembly-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function writeAssembly(Resources: Record<string, Resource>, Parameters = {}): void {
  const write = (file: string, value: unknown) => writeFileSync(join(dir, file), JSON.stringify(value));
  mkdirSync(join(dir, "asset.abc"));
  write("manifest.json", {
    artifacts: {
      "Stack.assets": { type: "cdk:asset-manifest", properties: { file: "Stack.assets.json" } },
      Stack: { type: "aws:cloudformation:stack", properties: { templateFile: "Stack.template.json" } },
      Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
    },
  });
  write("Stack.assets.json", {
    files: {
      abc: {
        source: { path: "asset.abc", packaging: "zip" },
        destinations: { here: { objectKey: "abc.zip" } },
      },
    },
  });
  write("Stack.template.json", { Parameters, Resources });
}

function lambda(properties: Record<string, unknown> = {}): Resource {
  return {
    Type: "AWS::Lambda::Function",
    Properties: { Code: { S3Key: "abc.zip" }, Handler: "index.handler", ...properties },
  };
}

/** What the CDK construct makes of one `register`: a version and its registration. */
function registered(id: string, isPrivate: boolean, DependsOn: string[] = []): Record<string, Resource> {
  return {
    [`${id}Version`]: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: id } } },
    [`${id}Registration`]: {
      Type: "Custom::RestateServiceDeployment",
      Properties: { serviceLambdaArn: { Ref: `${id}Version` }, private: String(isPrivate) },
      DependsOn,
    },
  };
}

test("a function has what its template says, and AWS's defaults otherwise", () => {
  writeAssembly({
    Weather: lambda({
      FunctionName: "weather",
      MemorySize: 512,
      Timeout: 30,
      ReservedConcurrentExecutions: 20,
    }),
    Agent: lambda(),
    ...registered("Weather", true),
    ...registered("Agent", false),
  });
  const code = { codeDir: join(dir, "asset.abc"), handler: "index.handler", environment: {} };
  expect(readAssembly(dir)).toEqual({
    functions: [
      { name: "weather", ...code, memoryMb: 512, timeoutSeconds: 30, reservedConcurrency: 20 },
      { name: "Agent", ...code, memoryMb: 128, timeoutSeconds: 3 },
    ],
    registrations: [
      { functionName: "weather", private: true },
      { functionName: "Agent", private: false },
    ],
  });
});

test("a function has the names that its contract declares", () => {
  const declared = { env: ["BASE_URL"], secrets: ["API_KEY"] };
  writeAssembly({
    Agent: { ...lambda(), Metadata: { [DECLARED]: declared } },
    ...registered("Agent", false),
  });
  expect(readAssembly(dir).functions[0]?.declared).toEqual(declared);
});

test("the provisioned concurrency of a function's version is the function's", () => {
  const versions = registered("Agent", false);
  versions.AgentVersion = {
    ...versions.AgentVersion,
    Properties: {
      FunctionName: { Ref: "Agent" },
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    },
  } as Resource;
  writeAssembly({ Agent: lambda(), ...versions, Other: lambda(), ...registered("Other", true) });
  const { functions } = readAssembly(dir);
  expect(functions.map(({ name, provisionedConcurrency }) => [name, provisionedConcurrency])).toEqual([
    ["Other", undefined],
    ["Agent", 2],
  ]);
});

test("a function that no registration points at is not a Restate service", () => {
  writeAssembly({ EventHandler: lambda(), Agent: lambda(), ...registered("Agent", false) });
  expect(readAssembly(dir).functions.map(({ name }) => name)).toEqual(["Agent"]);
});

test("a function marked as plain is read, and not registered", () => {
  writeAssembly({
    Plain: { ...lambda({ FunctionName: "plain" }), Metadata: { [PLAIN_FUNCTION]: true } },
    Agent: lambda(),
    ...registered("Agent", false),
  });
  const { functions, registrations } = readAssembly(dir);
  expect(functions.map(({ name }) => name)).toEqual(["Agent", "plain"]);
  expect(registrations.map(({ functionName }) => functionName)).toEqual(["Agent"]);
});

test("registrations follow their dependencies, even through other resources, and private ones come first", () => {
  writeAssembly({
    Agent: lambda(),
    First: lambda(),
    Second: lambda(),
    ...registered("Agent", false, ["Policy"]),
    Policy: { Type: "AWS::IAM::Policy", DependsOn: "FirstRegistration" },
    ...registered("First", true, ["SecondRegistration"]),
    ...registered("Second", true),
  });
  const names = readAssembly(dir).registrations.map(({ functionName }) => functionName);
  expect(names).toEqual(["Second", "First", "Agent"]);
});

test("intrinsic functions in environment variables get values for this machine", () => {
  const Variables = {
    REGION: { Ref: "AWS::Region" },
    FUNCTION: { Ref: "Agent" },
    VERSION: { Ref: "AgentVersion" },
    FUNCTION_ARN: { "Fn::GetAtt": ["Agent", "Arn"] },
    ROLE_ARN: { "Fn::GetAtt": "Role.Arn" },
    JOINED: { "Fn::Join": ["-", ["a", { Ref: "AWS::AccountId" }, 3]] },
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is CloudFormation's own notation
    SUB: { "Fn::Sub": "${AWS::Partition}/${Stage}/${Role.Arn}/${!Literal}" },
    SUB_WITH_VALUES: { "Fn::Sub": ["${x}", { x: { Ref: "Stage" } }] },
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is CloudFormation's own notation
  };
  writeAssembly(
    {
      Agent: lambda({ Environment: { Variables } }),
      Role: { Type: "AWS::IAM::Role" },
      ...registered("Agent", false),
    },
    { Stage: { Default: "dev" } },
  );
  expect(readAssembly(dir).functions[0]?.environment).toEqual({
    REGION: "us-east-1",
    FUNCTION: "Agent",
    VERSION: "arn:aws:lambda:us-east-1:000000000000:function:Agent:1",
    FUNCTION_ARN: "arn:aws:lambda:us-east-1:000000000000:function:Agent",
    ROLE_ARN: "arn:aws:local:us-east-1:000000000000:Role",
    JOINED: "a-000000000000-3",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is CloudFormation's own notation
    SUB: "aws/dev/arn:aws:local:us-east-1:000000000000:Role/${Literal}",
    SUB_WITH_VALUES: "dev",
  });
});

test.each([
  ["Fn::If", { "Fn::If": ["c", "a", "b"] }],
  ["Nothing", { Ref: "Nothing" }],
  ["no default", { Ref: "Undecided" }],
])("a value that is unknown here (%s) is an error naming function and variable", (part, value) => {
  writeAssembly(
    { Agent: lambda({ Environment: { Variables: { KEY: value } } }), ...registered("Agent", false) },
    { Undecided: {} },
  );
  expect(() => readAssembly(dir)).toThrow(new RegExp(`Function Agent, environment variable KEY: .*${part}`));
});

test("a folder that was not synthesised is an error that says so", () => {
  expect(() => readAssembly(dir)).toThrow(/no manifest\.json: synthesise/);
});
