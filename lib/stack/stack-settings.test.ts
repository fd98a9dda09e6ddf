import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import {
  configFor,
  inOnePiece,
  plain,
  resources,
  type Synthesis,
  startSynthesis,
  tuned,
} from "../../test/support/stack.ts";
import { defineTool } from "../tool/index.ts";
import type { StackSettings } from "./stack-settings.ts";

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = startSynthesis();
});
afterAll(() => synthesis.remove());

const withSettings = (settings: StackSettings) =>
  synthesis.template(configFor("cloud", { stage: "prod" }), { settings, plainFunctions: ["plain-lambda"] });
const properties = (settings: StackSettings, type: string) =>
  Object.values(resources(withSettings(settings), type)).map(({ Properties }) => Properties);

test("the tool that is told of approvals is one that there is, and takes what it is told", () => {
  const teller = (name: string, more: z.ZodRawShape) =>
    defineTool({
      name,
      description: "Tells somebody.",
      input: z.object({ run: z.string(), approval: z.string(), ...more }),
      output: z.object({}),
    });
  const tools = [teller("tell_somebody", {}), teller("tell_channel", { channel: z.string() })];
  const template = (settings: StackSettings) =>
    synthesis.template(configFor("cloud"), { settings, tools: [plain, tuned, ...tools] });
  const environments = (settings: StackSettings) =>
    Object.values(resources(template(settings), "AWS::Lambda::Function")).flatMap(
      ({ Properties: { Environment } }) => Environment?.Variables?.APPROVAL_NOTIFIER ?? [],
    );
  expect(environments({})).toEqual([]);
  expect(environments({ approvalNotifier: "tell_somebody" })).toEqual(["tell_somebody"]);
  expect(() => template({ approvalNotifier: "no_such_tool" })).toThrow(
    /bin\/stack\.ts: approvalNotifier: there is no tool "no_such_tool"\. Tools: \w/,
  );
  expect(() => template({ approvalNotifier: "tell_channel" })).toThrow(
    /approvalNotifier: tell_channel does not take .*: channel: expected string, got nothing/,
  );
});

test("a permissions boundary bounds every role, by name or by ARN", () => {
  const arn = "arn:aws:iam::123456789012:policy/developers";
  const named = "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/developers";
  for (const [permissionsBoundary, expected] of [
    ["developers", named],
    [arn, arn],
  ] as const) {
    const roles = properties({ permissionsBoundary }, "AWS::IAM::Role");
    expect(roles.length).toBeGreaterThan(5);
    expect(new Set(roles.map((role) => inOnePiece(role.PermissionsBoundary)))).toEqual(new Set([expected]));
  }
});

test("every log has the key and the retention", () => {
  const logKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/logs";
  const logs = properties({ logKeyArn, logRetention: RetentionDays.ONE_YEAR }, "AWS::Logs::LogGroup");
  expect(logs.length).toBeGreaterThan(4);
  for (const log of logs) expect(log).toMatchObject({ KmsKeyId: logKeyArn, RetentionInDays: 365 });
});

test("tags are the stack's, from where CloudFormation gives them to its resources", () => {
  expect(
    synthesis.stack(configFor("cloud"), { settings: { tags: { team: "support" } } }).tags.tagValues(),
  ).toEqual({
    team: "support",
  });
});
