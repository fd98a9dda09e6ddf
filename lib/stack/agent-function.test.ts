import { Match, type Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  agent,
  configFor,
  inOnePiece,
  resources,
  type Synthesis,
  startSynthesis,
} from "../../test/support/stack.ts";
import { defineAgent } from "../agent/index.ts";

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

describe("an agent's models", () => {
  const onBedrock = defineAgent({
    ...agent,
    name: "BedrockAgent",
    model: "bedrock/amazon.nova-pro-v1:0",
    models: ["openai/gpt-5.4", "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0"],
  });
  /** Each statement that allows Bedrock, with whole ARNs, and the roles that have it. */
  function bedrockStatements(template: Template) {
    return Object.values(resources(template, "AWS::IAM::Policy")).flatMap(({ Properties }) =>
      (inOnePiece(Properties.PolicyDocument.Statement) as Record<string, unknown>[])
        .filter(({ Action }) => JSON.stringify(Action).includes("bedrock:"))
        .map(({ Action, Resource, Condition }) => ({
          action: Action,
          resource: Resource,
          ...(Condition !== undefined && { condition: Condition }),
          roles: Properties.Roles.map(({ Ref }: { Ref: string }) => Ref.replace(/Role.*/, "")),
        })),
    );
  }

  test("it reads its provider's secret and setting, and no other provider's", () => {
    const template = synthesis.template(configFor("cloud"));
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-dev-TestAgent",
      Environment: {
        Variables: Match.objectLike({
          MODEL: "openai/gpt-5.4",
          ANTHROPIC_BASE_URL: Match.absent(),
          GEMINI_BASE_URL: Match.absent(),
        }),
      },
    });
    for (const key of ["ANTHROPIC_API_KEY", "GEMINI_API_KEY"])
      expect(JSON.stringify(template.toJSON())).not.toContain(key);
  });

  test.each([
    ["anthropic/claude-haiku-4-5", "ANTHROPIC"],
    ["google/gemini-3.5-flash", "GEMINI"],
  ])("a deployment's model replaces the agent's: %s", (model, prefix) => {
    const other = synthesis.template(configFor("cloud", { FANOUT_MODEL: model }));
    other.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "fanout-dev-TestAgent",
      Environment: { Variables: Match.objectLike({ MODEL: model, [`${prefix}_BASE_URL`]: "" }) },
    });
    expect(JSON.stringify(other.toJSON())).toContain(`fanout-dev/${prefix}_API_KEY`);
  });

  test("its fallbacks are among its models", () => {
    const falling = defineAgent({
      ...agent,
      fallbacks: ["anthropic/claude-haiku-4-5", "bedrock/amazon.nova-pro-v1:0"],
    });
    const template = synthesis.template(configFor("cloud"), { agents: [falling] });
    expect(JSON.stringify(template.toJSON())).toContain("fanout-dev/ANTHROPIC_API_KEY");
    expect(bedrockStatements(template)).toMatchObject([{ roles: ["TestAgent"] }]);
  });

  test("on Bedrock it may ask exactly its models: a foundation model, a profile, and the profile's model only through the profile", () => {
    const own = "arn:<AWS::Partition>:bedrock:<AWS::Region>";
    const profile = `${own}:<AWS::AccountId>:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0`;
    const common = { action: "bedrock:InvokeModel", roles: ["BedrockAgent"] };
    const template = synthesis.template(configFor("cloud"), { agents: [agent, onBedrock] });
    expect(bedrockStatements(template)).toEqual([
      { ...common, resource: [profile, `${own}::foundation-model/amazon.nova-pro-v1:0`] },
      {
        ...common,
        resource: "arn:<AWS::Partition>:bedrock:*::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
        condition: { StringEquals: { "bedrock:InferenceProfileArn": profile } },
      },
    ]);
  });

  test("a deployment's model on Bedrock replaces the agent's own, and its permission", () => {
    const model = "bedrock/arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc";
    const template = synthesis.template(configFor("cloud", { FANOUT_MODEL: model }));
    expect(bedrockStatements(template).map(({ resource }) => resource)).toEqual([
      model.replace("bedrock/", ""),
    ]);
  });

  test("on Bedrock it needs no secret, and other agents get no permission", () => {
    expect(bedrockStatements(synthesis.template(configFor("cloud")))).toEqual([]);
    const bedrockOnly = defineAgent({ ...onBedrock, models: [] });
    synthesis
      .template(configFor("cloud"), { agents: [bedrockOnly] })
      .hasResourceProperties("AWS::Lambda::Function", {
        FunctionName: "fanout-dev-BedrockAgent",
        Layers: Match.absent(),
        Environment: {
          Variables: { MODEL: bedrockOnly.model, BEDROCK_BASE_URL: "", RESTATE_SCOPES: Match.anyValue() },
        },
      });
  });
});

test("with a key for the ingress, agents may tell what a model writes, and no other function reads it", () => {
  const key = { RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key" };
  const template = synthesis.template(configFor("cloud", key));
  template.hasResourceProperties("AWS::Lambda::Function", {
    FunctionName: "fanout-dev-TestAgent",
    Environment: {
      Variables: Match.objectLike({
        RESTATE_INGRESS_URL: Match.stringLikeRegexp("^https://"),
        RESTATE_INGRESS_KEY_SECRET: "restate/ingress-key",
      }),
    },
  });
  const readers = Object.values(resources(template, "AWS::IAM::Policy"))
    .filter(({ Properties }) => JSON.stringify(Properties).includes("restate/ingress-key"))
    .flatMap(({ Properties }) => Properties.Roles.map(({ Ref }: { Ref: string }) => Ref));
  expect(readers).toEqual([expect.stringMatching(/^TestAgentRole/)]);
  const without = JSON.stringify(synthesis.template(configFor("cloud")).toJSON());
  expect(without).not.toContain("RESTATE_INGRESS_URL");
});
