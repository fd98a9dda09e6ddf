import { Match } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  configFor,
  inOnePiece,
  resources,
  type Synthesis,
  schemas,
  startSynthesis,
} from "../../test/support/stack.ts";
import { DECLARED, PLAIN_FUNCTION } from "../deployment/index.ts";
import { TRACING_SETTINGS } from "../telemetry/index.ts";
import { defineTool } from "../tool/index.ts";

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

test("a laptop's template lists what contracts declare, including an agent's models, and OpenTelemetry's settings; a deployment's does not", () => {
  const declarations = (target: "local" | "cloud") =>
    Object.fromEntries(
      Object.values(resources(synthesis.template(configFor(target)), "AWS::Lambda::Function")).flatMap(
        ({ Properties, Metadata }) =>
          Metadata?.[DECLARED] ? [[Properties.FunctionName, Metadata[DECLARED]]] : [],
      ),
    );
  expect(declarations("local")).toEqual({
    "fanout-RunEvents": { env: [...TRACING_SETTINGS], secrets: [] },
    "fanout-plain": { env: [...TRACING_SETTINGS], secrets: [] },
    "fanout-tuned": { env: ["BASE_URL", ...TRACING_SETTINGS], secrets: ["API_KEY"] },
    "fanout-TestAgent": {
      env: ["OPENAI_BASE_URL", "OPENAI_API", ...TRACING_SETTINGS],
      secrets: ["OPENAI_API_KEY"],
    },
  });
  expect(declarations("cloud")).toEqual({});
});

describe("a tool that is an existing Lambda function", () => {
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:their-function";
  const synthesiseFor = (lambda: string) =>
    synthesis.template(configFor("cloud"), {
      agents: [],
      tools: [defineTool({ name: "existing", description: "Is theirs.", ...schemas, lambda })],
      plainFunctions: ["their-function"],
    });

  test.each([
    ["their-function", "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:their-function"],
    [
      "their-function:live",
      "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:their-function:live",
    ],
    ["theirs:{stage}", "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:theirs:dev"],
    [arn, arn],
    [`${arn}:7`, `${arn}:7`],
  ])("%s: its adapter may invoke exactly that and nothing else", (lambda, resource) => {
    const statements = Object.values(resources(synthesiseFor(lambda), "AWS::IAM::Policy"))
      .filter(({ Properties }) =>
        Properties.Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith("existing")),
      )
      .flatMap(({ Properties }) => inOnePiece(Properties.PolicyDocument.Statement) as { Action: string }[]);
    expect(statements.filter(({ Action }) => Action.includes("lambda"))).toEqual([
      { Action: "lambda:InvokeFunction", Effect: "Allow", Resource: resource },
    ]);
    expect(statements).toHaveLength(2);
  });

  test("its adapter declares where Lambda's API is, and the function itself is not a Restate service", () => {
    const template = synthesiseFor("their-function");
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-dev-existing",
      Environment: {
        Variables: { LAMBDA_ENDPOINT_URL: "", FANOUT_STAGE: "dev", RESTATE_SCOPES: Match.anyValue() },
      },
    });
    template.hasResource("AWS::Lambda::Function", {
      Properties: { FunctionName: "their-function" },
      Metadata: { [PLAIN_FUNCTION]: true },
    });
    const registrations = Object.values(resources(template, "Custom::RestateServiceDeployment"));
    expect(registrations.map(({ Properties }) => Properties.servicePath)).toEqual(["existing", "RunEvents"]);
  });
});

test("a tool whose maximum is 0 is switched off: no concurrency is reserved for it", () => {
  const off = defineTool({ name: "off", description: "Is off.", ...schemas, scaling: { maxConcurrency: 0 } });
  const template = synthesis.template(configFor("cloud"), { agents: [], tools: [off] });
  template.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "fanout-dev-off",
    Environment: { Variables: Match.objectLike({ SWITCHED_OFF: "on" }) },
    ReservedConcurrentExecutions: Match.absent(),
  });
});
