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
import { exposedOf, type StackSettings } from "./stack-settings.ts";

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

test("a deployment exposes the tools that it names and no others, a laptop all of them", () => {
  const exposed = (target: "cloud" | "local", exposedTools?: string[]) =>
    Object.values(
      resources(
        synthesis.template(configFor(target), { settings: exposedTools ? { exposedTools } : {} }),
        "AWS::Lambda::Function",
      ),
    ).flatMap(({ Properties: { Environment } }) => {
      const setting = Environment?.Variables?.EXPOSED_TOOLS;
      return setting === undefined ? [] : [Object.keys(JSON.parse(setting))];
    });
  expect(exposed("cloud")).toEqual([]);
  expect(exposed("cloud", ["tuned"])).toEqual([["tuned"]]);
  expect(exposed("local")).toEqual([["plain", "tuned"]]);
  expect(() => exposed("cloud", ["no_such_tool"])).toThrow(
    'bin/stack.ts: exposedTools: there is no tool "no_such_tool". Tools: plain, tuned.',
  );
});

test("more exposed tools than a function's environment holds are refused", () => {
  const tools = Array.from({ length: 150 }, (_, index) =>
    defineTool({
      name: `a_tool_with_a_long_name_${index}`,
      description: "Is one of many.",
      input: z.object({}),
      output: z.object({}),
    }),
  );
  expect(() => exposedOf({ exposedTools: tools.map(({ name }) => name) }, tools, { local: false })).toThrow(
    /exposedTools: expected as many tools as 3000 bytes .* hold, got \d+ bytes for 150 tools/,
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
