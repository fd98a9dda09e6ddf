import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inOnePiece, type Resource, resources } from "../../../test/support/stack.ts";
import { readDeployRoleConfig } from "../../deployment/index.ts";
import { BOOTSTRAP_VERSION } from "../../operate/check-aws.ts";
import { featureFlags } from "../feature-flags.ts";
import { DeployRoleStack } from "./deploy-role-stack.ts";

const SETTINGS = {
  FANOUT_TARGET: "cloud",
  FANOUT_STAGE: "prod",
  FANOUT_GITHUB_REPOSITORY: "acme/fanout",
  RESTATE_ENVIRONMENT_ID: "env_123abc",
  RESTATE_API_KEY_SECRET: "restate/api-key",
};
const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fanout-deploy-role-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
/** One that leaves nothing behind. */
const newApp = () => new App({ context: { ...featureFlags }, outdir: join(folder, `${++made}`) });

function stackFor(more: Record<string, string> = {}, qualifier?: string): DeployRoleStack {
  const app = newApp();
  const config = readDeployRoleConfig({ ...SETTINGS, ...more });
  return new DeployRoleStack(app, "role", { config, ...(qualifier && { qualifier }) });
}

const the = (template: Template, type: string) =>
  inOnePiece(Object.values(resources(template, type))[0]?.Properties) as Resource["Properties"];

test("trusts one repository's jobs in one environment, for AWS only, for an hour", () => {
  const role = the(Template.fromStack(stackFor()), "AWS::IAM::Role");
  expect(role.MaxSessionDuration).toBe(3600);
  expect(role.AssumeRolePolicyDocument.Statement).toEqual([
    {
      Effect: "Allow",
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: { Federated: expect.stringMatching(/^<GitHub\w+>$/) },
      Condition: {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": "repo:acme/fanout:environment:prod",
        },
      },
    },
  ]);
});

test("may become three bootstrap roles, and read what a deployment looks at; nothing else", () => {
  const { PolicyDocument, ...policy } = the(Template.fromStack(stackFor()), "AWS::IAM::Policy");
  expect(policy.Roles).toHaveLength(1);
  const grants = PolicyDocument.Statement.flatMap(
    ({
      Action,
      Resource,
      Effect,
    }: {
      Action: string | string[];
      Resource: string | string[];
      Effect: string;
    }) => [Action].flat().flatMap((action) => [Resource].flat().map((one) => `${Effect} ${action} ${one}`)),
  );
  const here = "<AWS::Region>:<AWS::AccountId>";
  const roles = (role: string) =>
    `Allow sts:AssumeRole arn:<AWS::Partition>:iam::<AWS::AccountId>:role/cdk-hnb659fds-${role}-<AWS::AccountId>-<AWS::Region>`;
  const functions = `arn:<AWS::Partition>:lambda:${here}:function:fanout-prod-*`;
  expect(grants.sort()).toEqual(
    [
      roles("deploy-role"),
      roles("file-publishing-role"),
      roles("lookup-role"),
      `Allow ssm:GetParameter arn:<AWS::Partition>:ssm:${here}:parameter/cdk-bootstrap/hnb659fds/version`,
      `Allow secretsmanager:GetSecretValue arn:<AWS::Partition>:secretsmanager:${here}:secret:restate/api-key-??????`,
      `Allow secretsmanager:DescribeSecret arn:<AWS::Partition>:secretsmanager:${here}:secret:fanout-prod/*`,
      `Allow lambda:GetFunctionConcurrency ${functions}`,
      `Allow lambda:ListProvisionedConcurrencyConfigs ${functions}`,
      `Allow lambda:ListVersionsByFunction ${functions}`,
      "Allow lambda:GetAccountSettings *",
    ].sort(),
  );
});

test("brings GitHub's identity provider, which outlives the stack, or takes the account's", () => {
  const own = Template.fromStack(stackFor());
  own.hasResource("AWS::IAM::OIDCProvider", {
    DeletionPolicy: "Retain",
    Properties: { Url: "https://token.actions.githubusercontent.com", ClientIdList: ["sts.amazonaws.com"] },
  });
  const existing = Template.fromStack(stackFor({ FANOUT_GITHUB_PROVIDER: PROVIDER }));
  existing.resourceCountIs("AWS::IAM::OIDCProvider", 0);
  const role = the(existing, "AWS::IAM::Role");
  expect(role.AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Federated: PROVIDER });
});

test("follows a project whose bootstrap stack has another qualifier", () => {
  const policy = JSON.stringify(the(Template.fromStack(stackFor({}, "acme")), "AWS::IAM::Policy"));
  expect(policy).toContain("cdk-acme-deploy-role-");
  expect(policy).toContain("cdk-bootstrap/acme/version");
  expect(policy).not.toContain("hnb659fds");
});

test("has the tags and the permissions boundary that the account asks of every stack", () => {
  const config = readDeployRoleConfig(SETTINGS);
  const settings = { tags: { team: "support" }, permissionsBoundary: "developers" };
  const stack = new DeployRoleStack(newApp(), "role", { config, settings });
  expect(stack.tags.tagValues()).toEqual({ team: "support" });
  const role = the(Template.fromStack(stack), "AWS::IAM::Role");
  expect(role.PermissionsBoundary).toMatch(/:policy\/developers$/);
});

test("passes AWS's own checks, with a reason wherever it departs from them", () => {
  const stack = stackFor();
  const { violations } = new AwsSolutionsChecks(stack.node.root as App).validateScope(stack.node.root);
  expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

describe("wrong settings are named", () => {
  test.each([
    [{ FANOUT_GITHUB_REPOSITORY: "" }, /FANOUT_GITHUB_REPOSITORY: expected owner\/name .*; it is not set/],
    [{ FANOUT_GITHUB_REPOSITORY: "acme/*" }, /FANOUT_GITHUB_REPOSITORY: .*got "acme\/\*"/],
    [{ FANOUT_GITHUB_PROVIDER: "github" }, /FANOUT_GITHUB_PROVIDER: expected the ARN/],
    [{ FANOUT_TARGET: "local" }, /FANOUT_TARGET names no deployment/],
  ])("%j", (more, words) => {
    expect(() => readDeployRoleConfig({ ...SETTINGS, ...more })).toThrow(words);
  });
});

test("needs no newer bootstrap stack than the preflight asks for", () => {
  const stack = stackFor();
  const { requiresBootstrapStackVersion } = (stack.node.root as App)
    .synth()
    .getStackArtifact(stack.artifactId);
  expect(requiresBootstrapStackVersion).toBe(BOOTSTRAP_VERSION);
});
